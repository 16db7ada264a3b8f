"""What the scorers find, shown while one types: asked for by the client where it can ask, else sent to it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from ..analysis import Analysis, analysed, find, path_of
from ..convert import Text
from ..documents import Document
from ..server import Server

if TYPE_CHECKING:
    from luau_scorers.finding import Edit, Finding

SOURCE = "luau-lsp-ai"
# Long enough that a burst of keys is analysed once, too short to be seen.
PAUSE = 0.08

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}
# By the first word of a rule's code.
_TAGS = {
    "deprecated": types.DiagnosticTag.Deprecated,
    "unreachable": types.DiagnosticTag.Unnecessary,
    "unused": types.DiagnosticTag.Unnecessary,
}


def register(server: Server) -> None:
    """Follow the open documents."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        _push_later(server, server.documents[params.text_document.uri], 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        document = server.document(params.text_document.uri)
        if document is not None:
            _push_later(server, document, PAUSE)


def register_pull(server: Server) -> None:
    """Answer the client that asks for problems itself. From now on none are sent to it unasked."""
    server.pulls = True
    options = types.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=True, identifier=SOURCE)

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    async def pull(
        params: types.DocumentDiagnosticParams,
    ) -> types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport:
        document = server.document(params.text_document.uri)
        if document is None:
            found = await asyncio.to_thread(on_disk, params.text_document.uri, server.documents.encoding)
            return types.RelatedFullDocumentDiagnosticReport(found if server.settings.diagnostics else [])
        result = f"{document.serial}.{document.version}.{server.epoch}"
        if result == params.previous_result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(result)
        await _look(server, document)
        result = f"{document.serial}.{document.version}.{server.epoch}"
        return types.RelatedFullDocumentDiagnosticReport(document.diagnostics, result_id=result)


def refresh_all(server: Server) -> None:
    """Do every document anew, as after a change of the settings."""
    server.epoch += 1
    workspace = server.client_capabilities.workspace
    if server.pulls and workspace and workspace.diagnostics and workspace.diagnostics.refresh_support:
        server.start(server.workspace_diagnostic_refresh_async(None))
    for document in server.documents.all():
        _push_later(server, document, 0)


def on_disk(uri: str, encoding: str) -> list[types.Diagnostic]:
    """The problems of a file that is not open; none where it can't be read."""
    path = path_of(uri)
    data = _read(path) if path else None
    if data is None:
        return []
    text = Text(data, encoding)
    return [diagnostic(text, finding, None) for finding in find(data, path)]


def _read(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
        data.decode()
    except (OSError, UnicodeDecodeError):
        return None
    return data


def _push_later(server: Server, document: Document, pause: float) -> None:
    if server.pulls:
        return
    if document.pushing is not None:
        document.pushing.cancel()
    document.pushing = server.start(_push(server, document, pause))


async def _push(server: Server, document: Document, pause: float) -> None:
    await asyncio.sleep(pause)
    await _look(server, document)
    # One that was cancelled does not come here; one whose document was closed does.
    if not document.closed:
        publish(server, document.uri, document.diagnostics, document.version)


async def _look(server: Server, document: Document) -> None:
    """Bring the document's diagnostics up to date."""
    if not server.settings.diagnostics:
        document.diagnostics = []
        return
    analysis = await analysed(document, server.epoch)
    _tell(server, analysis.problem)
    document.diagnostics = _diagnostics(server, analysis)


def _diagnostics(server: Server, analysis: Analysis) -> list[types.Diagnostic]:
    found = [diagnostic(analysis.text, finding, analysis.version) for finding in analysis.findings]
    documents = server.client_capabilities.text_document
    tags = documents and documents.publish_diagnostics and documents.publish_diagnostics.tag_support
    for each in found if not tags else ():
        each.tags = None
    return found


def _tell(server: Server, problem: str) -> None:
    """Say what is wrong with a config file: once, not at each key."""
    if problem and problem != server.config_problem:
        server.say(f"The project's settings are not heeded. {problem}", types.MessageType.Warning)
    server.config_problem = problem


def diagnostic(text: Text, finding: Finding, version: int | None) -> types.Diagnostic:
    """A finding for the editor. Where there is a fix, the data holds it as it is for the document's ``version``."""
    from luau_scorers.docs import link

    tag = _TAGS.get(finding.rule.partition("-")[0])
    fix = finding.fix
    data: dict[str, Any] = {"version": version}
    if fix is not None:
        data["fix"] = {"title": fix.title, "safe": fix.safe, "edits": [_plain(text, edit) for edit in fix.edits]}
    return types.Diagnostic(
        range=text.range(finding.span.start, finding.span.end),
        message=finding.message,
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=types.CodeDescription(link(finding.rule)),
        source=SOURCE,
        tags=[tag] if tag else None,
        data=data,
    )


def _plain(text: Text, edit: Edit) -> dict[str, Any]:
    """An edit as plain data, which the client gives back with the request for code actions."""
    where = text.range(edit.span.start, edit.span.end)
    start, end = (where.start.line, where.start.character), (where.end.line, where.end.character)
    return {"start": start, "end": end, "text": edit.text.replace("\n", text.newline)}


def publish(server: Server, uri: str, found: list[types.Diagnostic], version: int | None = None) -> None:
    """Send a file's problems to the client."""
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))
