"""The language server: what its features share, and which features there are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from lsprotocol import types
from pygls.exceptions import FeatureRequestError
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from . import __version__
from .documents import Document, Documents
from .engines import EngineHolder
from .protocol import Protocol
from .settings import Settings

log = logging.getLogger(__name__)


class Server(LanguageServer):
    """A server with its documents, its settings and its engine."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("luau-lsp-ai", __version__, protocol_cls=Protocol, converter_factory=default_converter)
        self.settings = Settings()
        self.client_name = ""
        self.engines = EngineHolder()
        self.published: dict[str, list[types.Diagnostic]] = {}  # by URI, where there are any
        self.config_problem = ""  # what was last said of a project's config file
        self._background: set[asyncio.Task[Any]] = set()

    @property
    def documents(self) -> Documents:
        """The open documents."""
        return self.protocol.documents

    def document(self, uri: str) -> Document | None:
        """The open document, or None."""
        return self.documents.get(uri)

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something beside the messages. Its exceptions are logged and reach nothing else."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a task failed", exc_info=task.exception())

    def say(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show the user a sentence."""
        self.window_show_message(types.ShowMessageParams(kind, message))

    def workspace_edit(self, document: Document, edits: list[types.TextEdit]) -> types.WorkspaceEdit:
        """Edits of the document's newest version: with the version where the client heeds it."""
        if not self._heeds_versions():
            return types.WorkspaceEdit(changes={document.uri: edits})
        identifier = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, [*edits])])

    def _heeds_versions(self) -> bool:
        workspace = self.client_capabilities.workspace
        supported = workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes
        # Neovim understands document changes since 0.5 and does not say so.
        return bool(supported) or self.client_name == "Neovim"

    def stop(self) -> None:
        """End what runs. Waits for nothing: the editor waits for us, and the engine's process ends with ours."""
        for task in list(self._background):
            task.cancel()
        self.start(self.engines.close())

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what went wrong; the user can do nothing about it. Failed requests are logged and answered already."""
        if source is not FeatureRequestError:
            log.error("%s: %s", getattr(source, "__name__", source), error)


def build() -> Server:
    """A server with all features, not started yet."""
    from .features import code_actions, configuration, diagnostics, generate

    server = Server()
    for feature in (configuration, diagnostics, code_actions, generate):
        feature.register(server)
    return server
