"""The menu at the cursor: quick fixes for problems, and "Generate from comment"."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from lsprotocol import types

from ..documents import Document
from ..server import Server
from .diagnostics import SOURCE
from .generate import COMMAND, can_apply_edits

log = logging.getLogger(__name__)

_KINDS = [types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite]


def register(server: Server) -> None:
    """Offer actions. Each kind is made by itself, so that the failure of one leaves the other."""

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=_KINDS))
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
        document = server.document(params.text_document.uri)
        if document is None:
            return []
        actions: list[types.CodeAction | types.Command] = []
        for make in (_quick_fixes, _generate):
            try:
                actions += [action for action in make(server, document, params) if _wanted(action, params.context)]
            except Exception:
                log.exception("code actions failed")
        if not _understands_literals(server):
            return [action.command for action in actions if isinstance(action, types.CodeAction) and action.command]
        return actions


def _wanted(action: types.CodeAction, context: types.CodeActionContext) -> bool:
    """Kinds are hierarchical: "refactor" asks for "refactor.rewrite" too."""
    kind = str(getattr(action.kind, "value", action.kind))
    asked = [str(getattr(only, "value", only)) for only in context.only or []]
    return not asked or any(only in ("", kind) or kind.startswith(only + ".") for only in asked)


def _understands_literals(server: Server) -> bool:
    documents = server.client_capabilities.text_document
    return bool(documents and documents.code_action and documents.code_action.code_action_literal_support)


def _quick_fixes(server: Server, document: Document, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    for diagnostic in params.context.diagnostics:
        data = diagnostic.data or _published_data(server, document.uri, diagnostic)
        # A fix for an older text would go to the wrong place; the next analysis brings a new one.
        if diagnostic.source != SOURCE or not isinstance(data, Mapping) or data.get("version") != document.version:
            continue
        yield types.CodeAction(
            title=data["title"],
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic],
            is_preferred=data["safe"],
            edit=server.workspace_edit(document, [_edit(edit) for edit in data["edits"]]),
        )


def _published_data(server: Server, uri: str, diagnostic: types.Diagnostic) -> Any:
    """The data of the same diagnostic as we sent it, for clients that don't give it back."""
    for ours in server.published.get(uri, []):
        if (ours.code, ours.range) == (diagnostic.code, diagnostic.range):
            return ours.data
    return None


def _edit(data: Mapping[str, Any]) -> types.TextEdit:
    return types.TextEdit(types.Range(types.Position(*data["start"]), types.Position(*data["end"])), data["text"])


def _generate(server: Server, document: Document, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    """The action that asks for a script.

    It repairs nothing, so it is a rewrite. But some menus, such as the one on hover, ask for quick fixes alone:
    there it comes as one, so that it is found in every menu.
    """
    comment = document.text.comment_on(params.range.start.line, params.range.end.line)
    if comment is None:
        return
    kind = types.CodeActionKind.RefactorRewrite
    if list(params.context.only or []) == [types.CodeActionKind.QuickFix]:
        kind = types.CodeActionKind.QuickFix
    argument: dict[str, Any] = {
        "uri": document.uri,
        "line": document.text.line_of(comment.start),
        "version": document.version,
    }
    if not can_apply_edits(server):
        argument["wait"] = True  # the script can only come with the command's answer
    title = "Generate from comment"
    yield types.CodeAction(title=title, kind=kind, command=types.Command(title, COMMAND, arguments=[argument]))
