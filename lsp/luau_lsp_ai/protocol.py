"""pygls' protocol with our own documents and an answer for every request."""

from __future__ import annotations

import logging
from collections.abc import Generator
from enum import Enum
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.protocol import JsonRPCNotification, LanguageServerProtocol, lsp_method

from .documents import Documents

if TYPE_CHECKING:
    from .server import Server

log = logging.getLogger(__name__)


class Protocol(LanguageServerProtocol):
    """Keeps the documents itself: pygls splits lines at more characters than the protocol names."""

    _server: Server

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.documents = Documents()
        super().__init__(*arguments, **options)

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Note the position encoding before anything is opened."""
        result = yield from super().lsp_initialize(params)
        encoding = result.capabilities.position_encoding
        self.documents.encoding = encoding.value if isinstance(encoding, Enum) else encoding or "utf-16"
        return result

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Generator[Any, Any, None]:
        """Open a document, then tell the feature that listens."""
        self.documents.open(params.text_document)
        yield from self._listeners(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Generator[Any, Any, None]:
        """Change a document, then tell the feature that listens."""
        document = self.documents.get(params.text_document.uri)
        if document is None:
            log.warning("change of a document that is not open")
            return
        document.change(params.text_document.version, params.content_changes)
        yield from self._listeners(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Generator[Any, Any, None]:
        """Close a document, then tell the feature that listens."""
        self.documents.close(params.text_document.uri)
        yield from self._listeners(types.TEXT_DOCUMENT_DID_CLOSE, params)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(  # type: ignore[override]
        self, params: types.ExecuteCommandParams
    ) -> object:
        """Run a command as a task of its own, so that the client can cancel it: pygls' way leaves it running."""
        handler = self.fm.commands.get(params.command)
        if handler is None:
            raise JsonRpcInvalidParams(f"There is no command {params.command!r}.")
        return await handler(*params.arguments or [])

    def _listeners(self, method: str, params: object) -> Generator[Any, Any, None]:
        handler = self.fm.features.get(method)
        if handler is not None:
            yield handler, (params,), None

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Read a message. A request that can't be read is answered with an error, not with silence."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" not in data:
                raise
            log.warning("message %r has parameters that can't be read", data["method"])
            if "id" in data:
                answer = JsonRpcInvalidParams(f"The parameters of {data['method']} can't be read.")
                self._send_response(data["id"], None, answer.to_response_error())
            return JsonRPCNotification(method="$/unreadable", jsonrpc=self.VERSION, params=str(error))
