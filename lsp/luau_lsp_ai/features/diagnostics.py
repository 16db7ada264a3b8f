"""What the scorers find, shown while one types."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import to_fs_path

from ..documents import Document
from ..server import Server

if TYPE_CHECKING:
    from luau_scorers.finding import Finding, Fix

SOURCE = "luau-lsp-ai"
# Long enough that a burst of keys is analysed once, too short to be seen.
PAUSE = 0.08
# More than anybody reads, and few enough to be sent in a moment.
MOST = 1000

log = logging.getLogger(__name__)

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


def register(server: Server) -> None:
    """Analyse documents as they open and change."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        _schedule(server, server.documents[params.text_document.uri], 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        _schedule(server, server.documents[params.text_document.uri], PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        _publish(server, params.text_document.uri, None, [])


def refresh_all(server: Server) -> None:
    """Do every document anew, as after a change of the settings."""
    for document in server.documents.all():
        _schedule(server, document, 0)


def _schedule(server: Server, document: Document, pause: float) -> None:
    if document.analysis is not None:
        document.analysis.cancel()
    document.analysis = server.start(_analyse(server, document, pause))


async def _analyse(server: Server, document: Document, pause: float) -> None:
    await asyncio.sleep(pause)
    text, version = document.text, document.version
    found: list[types.Diagnostic] = []
    if server.settings.diagnostics:
        findings, problem = await asyncio.to_thread(_find, text.data, document.uri)
        _tell(server, problem)
        found = [_diagnostic(document, finding, version) for finding in findings]
    # A cancelled analysis does not come here; one whose document was closed does.
    if not document.closed:
        _publish(server, document.uri, version, found)


def _find(data: bytes, uri: str) -> tuple[Sequence[Finding], str]:
    """What is found, of very much only the gravest, and what is wrong with the project's config file."""
    from luau_scorers.config import Config, ConfigError
    from luau_scorers.engine import analyse  # not before the first document: it takes its time

    name = to_fs_path(uri) if uri.startswith("file:") else None
    path = Path(name) if name else None
    config, problem = Config(), ""
    try:
        config = Config.find(path) if path else config
    except ConfigError as error:
        problem = str(error)
    if path and config.ignores(path):
        return [], problem
    found = analyse(data, config, path)
    ranks = list(_SEVERITIES)
    gravest = sorted(found, key=lambda finding: ranks.index(finding.severity))[:MOST]
    return found if len(found) <= MOST else gravest, problem


def _tell(server: Server, problem: str) -> None:
    """Say what is wrong with a config file: once, not at each key."""
    if problem and problem != server.config_problem:
        server.say(f"The project's settings are not heeded. {problem}", types.MessageType.Warning)
    server.config_problem = problem


def _diagnostic(document: Document, finding: Finding, version: int) -> types.Diagnostic:
    from luau_scorers.docs import link

    return types.Diagnostic(
        range=document.text.range(finding.span.start, finding.span.end),
        message=finding.message,
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=types.CodeDescription(link(finding.rule)),
        source=SOURCE,
        data=_fix_data(document, finding.fix, version) if finding.fix else None,
    )


def _fix_data(document: Document, fix: Fix, version: int) -> dict[str, Any]:
    """The fix as plain data, which the client gives back with the request for code actions."""
    edits = []
    for edit in fix.edits:
        where = document.text.range(edit.span.start, edit.span.end)
        start, end = (where.start.line, where.start.character), (where.end.line, where.end.character)
        edits.append({"start": start, "end": end, "text": edit.text})
    return {"title": fix.title, "safe": fix.safe, "version": version, "edits": edits}


def _publish(server: Server, uri: str, version: int | None, found: list[types.Diagnostic]) -> None:
    server.published[uri] = found
    if not found:
        server.published.pop(uri)
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))
