"""The menu at the cursor: fixes for problems, allowing them, and scripts for comments."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from ..analysis import ready
from ..documents import Document
from ..insertion import apply
from ..server import Server
from ..settings import SECTION
from . import alternatives, mend, write
from .diagnostics import SOURCE
from .fix_all import FIX_ALL, KIND, all_fixes

if TYPE_CHECKING:
    from luau_scorers.finding import Edit

log = logging.getLogger(__name__)

_QUICK_FIX = types.CodeActionKind.QuickFix
_REWRITE = types.CodeActionKind.RefactorRewrite


def register(server: Server) -> None:
    """Offer actions. Each kind is made by itself, so that the failure of one leaves the others."""
    options = types.CodeActionOptions(code_action_kinds=[_QUICK_FIX, _REWRITE, KIND])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
        document = server.document(params.text_document.uri)
        if document is None:
            return []
        actions: list[types.CodeAction | types.Command] = []
        for make in (_fixes, _allowances, _writing, _mending):
            try:
                actions += [action for action in make(server, document, params) if _wanted(action.kind, params.context)]
            except Exception:
                log.exception("code actions failed")
        actions += await _source_actions(server, document, params.context)
        if not _understands_literals(server):
            return [action.command for action in actions if isinstance(action, types.CodeAction) and action.command]
        return actions

    @server.command(f"{SECTION}.{FIX_ALL}")
    async def fix_all(*arguments: Any) -> None:
        argument = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
        document = server.document(str(argument.get("uri")))
        edits = await all_fixes(server, document) if document else []
        if document is not None and edits:
            await apply(server, document, edits, "Fix all safe problems")


def _wanted(kind: object, context: types.CodeActionContext) -> bool:
    """Kinds are hierarchical: "refactor" asks for "refactor.rewrite" too."""
    name = str(getattr(kind, "value", kind))
    asked = [str(getattr(only, "value", only)) for only in context.only or []]
    return not asked or any(only in ("", name) or name.startswith(only + ".") for only in asked)


def _understands_literals(server: Server) -> bool:
    documents = server.client_capabilities.text_document
    return bool(documents and documents.code_action and documents.code_action.code_action_literal_support)


def _ours(document: Document, params: types.CodeActionParams) -> Iterator[tuple[types.Diagnostic, Mapping[str, Any]]]:
    """Our problems at the cursor with their data, those of older texts left out: a new analysis brings new ones."""
    for diagnostic in params.context.diagnostics:
        data = diagnostic.data or _sent_data(document, diagnostic)
        if diagnostic.source == SOURCE and isinstance(data, Mapping) and data.get("version") == document.version:
            yield diagnostic, data


def _sent_data(document: Document, diagnostic: types.Diagnostic) -> Any:
    """The data of the same diagnostic as we sent it, for clients that don't give it back."""
    for ours in document.diagnostics:
        if (ours.code, ours.range) == (diagnostic.code, diagnostic.range):
            return ours.data
    return None


def _fixes(server: Server, document: Document, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    found = [(diagnostic, data["fix"]) for diagnostic, data in _ours(document, params) if "fix" in data]
    for diagnostic, fix in found:
        yield types.CodeAction(
            title=fix["title"],
            kind=_QUICK_FIX,
            diagnostics=[diagnostic],
            is_preferred=fix["safe"],
            edit=server.workspace_edit(document, [_edit(edit) for edit in fix["edits"]]),
        )
    if found and not params.context.only:
        title = "Fix all safe problems"
        command = types.Command(title, f"{SECTION}.{FIX_ALL}", arguments=[{"uri": document.uri}])
        yield types.CodeAction(title, kind=KIND, command=command)


def _edit(data: Mapping[str, Any]) -> types.TextEdit:
    return types.TextEdit(types.Range(types.Position(*data["start"]), types.Position(*data["end"])), data["text"])


def _allowances(server: Server, document: Document, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    """Comments that silence the problems at the cursor."""
    analysis = ready(document, server.epoch)
    if analysis is None:
        return
    from luau_scorers.suppressions import allowance

    for diagnostic, _ in _ours(document, params):
        finding = next((each for each in analysis.findings if _is(document, diagnostic, each)), None)
        fix = allowance(analysis.tree, finding) if finding else None
        if fix is not None:
            edits = [_text_edit(document, edit) for edit in fix.edits]
            edit = server.workspace_edit(document, edits)
            yield types.CodeAction(fix.title, kind=_QUICK_FIX, diagnostics=[diagnostic], edit=edit)


def _is(document: Document, diagnostic: types.Diagnostic, finding: Any) -> bool:
    span = finding.span
    return finding.rule == diagnostic.code and document.text.range(span.start, span.end) == diagnostic.range


def _text_edit(document: Document, edit: Edit) -> types.TextEdit:
    text = document.text
    return types.TextEdit(text.range(edit.span.start, edit.span.end), edit.text.replace("\n", text.newline))


def _mending(server: Server, document: Document, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    for diagnostic, data in _ours(document, params):
        if "fix" not in data:
            where = {"start": _plain(diagnostic.range.start), "end": _plain(diagnostic.range.end)}
            argument = {"uri": document.uri, "range": where, "code": diagnostic.code}
            action = _command(mend.TITLE, mend.FIX, argument, _QUICK_FIX)
            action.diagnostics = [diagnostic]
            yield action


def _plain(position: types.Position) -> dict[str, int]:
    return {"line": position.line, "character": position.character}


def _writing(server: Server, document: Document, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    """The actions that write scripts.

    They repair nothing, so they are rewrites. But some menus, such as the one on hover, ask for quick fixes alone:
    there "Generate from comment" comes as one, so that it is found in every menu.
    """
    text, line = document.text, params.range.start.line
    comment = text.comment_on(line, params.range.end.line)
    if comment is not None:
        argument = {"uri": document.uri, "line": text.line_of(comment.start)}
        is_for_fixes = list(params.context.only or []) == [_QUICK_FIX]
        yield _command(write.TITLE, write.GENERATE, argument, _QUICK_FIX if is_for_fixes else _REWRITE)
        yield _command("Generate alternatives…", alternatives.ALTERNATIVES, argument, _REWRITE)
    if server.generated.on_line(document.uri, text, line) is not None:
        yield _command("Regenerate", write.REGENERATE, {"uri": document.uri, "line": line}, _REWRITE)


def _command(title: str, name: str, argument: dict[str, Any], kind: types.CodeActionKind) -> types.CodeAction:
    command = types.Command(title, f"{SECTION}.{name}", arguments=[argument])
    return types.CodeAction(title, kind=kind, command=command)


async def _source_actions(
    server: Server, document: Document, context: types.CodeActionContext
) -> list[types.CodeAction]:
    """What a client asks for by its kind alone, as when it fixes while it saves: with the edit, and up to date."""
    if not context.only or not _wanted(KIND, context):
        return []
    edits = await all_fixes(server, document)
    title = "Fix all safe problems"
    return [types.CodeAction(title, kind=KIND, edit=server.workspace_edit(document, edits))] if edits else []
