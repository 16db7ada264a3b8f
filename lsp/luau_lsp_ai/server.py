"""The language server: what its features share, and which features there are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import JsonRPCNotification, JsonRPCRequestMessage, default_converter

from . import __version__
from .analysis import path_of
from .documents import Document, Documents
from .engines import EngineHolder
from .generated import Generated
from .project import Project
from .protocol import Protocol
from .settings import Settings

if TYPE_CHECKING:
    from cattrs import Converter

log = logging.getLogger(__name__)


class Server(LanguageServer):
    """A server with its documents, its settings and its engine."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("luau-lsp-ai", __version__, protocol_cls=Protocol, converter_factory=_converter)
        self.settings = Settings()
        self.client_name = ""
        self.engines = EngineHolder()
        self.generated = Generated()
        self.project = Project()
        self.pulls = False  # whether the client asks for diagnostics, so that none are sent to it
        self.epoch = 0  # counts changes that concern all documents: settings, config files
        self.config_problem = ""  # what was last said of a project's config file
        self._background: set[asyncio.Task[Any]] = set()

    @property
    def documents(self) -> Documents:
        """The open documents."""
        return self.protocol.documents

    def document(self, uri: str) -> Document | None:
        """The open document, or None."""
        return self.documents.get(uri)

    @property
    def folders(self) -> list[Path]:
        """The folders that the editor has open."""
        uris = list(self.workspace.folders) or ([self.workspace.root_uri] if self.workspace.root_uri else [])
        return [path for uri in uris if (path := path_of(uri)) is not None]

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

    async def ask(
        self, message: str, choices: Sequence[str], kind: types.MessageType = types.MessageType.Warning
    ) -> str | None:
        """Show the user a sentence with buttons. Returns the one that was chosen; None where none was."""
        actions = [types.MessageActionItem(choice) for choice in choices]
        params = types.ShowMessageRequestParams(kind, message, actions)
        try:
            chosen = await self.window_show_message_request_async(params)
        except JsonRpcException as error:
            log.warning("the client did not ask the user: %s", error)
            return None
        return chosen.title if chosen else None

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


def _converter() -> Converter:
    """pygls' own, but what it knows no type for stays as JSON has it."""
    converter: Converter = default_converter()
    for kind in (JsonRPCRequestMessage, JsonRPCNotification):
        converter.register_structure_hook(kind, lambda data, kind: kind(**{"params": None, **data}))
    return converter


def build() -> Server:
    """A server with all features, not started yet."""
    from .features import (
        alternatives,
        code_actions,
        code_lenses,
        configuration,
        diagnostics,
        ghost_text,
        hover,
        mend,
        model,
        models,
        project,
        write,
    )

    server = Server()
    for feature in (
        configuration,
        diagnostics,
        project,
        code_actions,
        write,
        alternatives,
        mend,
        ghost_text,
        hover,
        code_lenses,
        model,
        models,
    ):
        feature.register(server)
    return server
