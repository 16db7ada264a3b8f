"""Hover: what the name under the cursor is in Roblox' API, and what the rule behind a problem there is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from ..analysis import Analysis, analysed
from ..server import Server

if TYPE_CHECKING:
    from luau_scorers.roblox_api import Member, RobloxClass
    from luau_scorers.rule import Rule
    from luau_scorers.subject import Subject


def register(server: Server) -> None:
    """Answer the client where there is something to tell."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        document = server.document(params.text_document.uri)
        if document is None:
            return None
        analysis = await analysed(document, server.epoch)
        offset = analysis.text.offset(params.position)
        from luau_scorers.subject import subject_at

        subject = subject_at(analysis.tree, offset)
        parts = [_about(subject)] if subject else []
        parts += _rules(analysis, offset) if server.settings.diagnostics else []
        if not parts:
            return None
        where = analysis.text.range(subject.span.start, subject.span.end) if subject else None
        return types.Hover(_content(server, "\n\n---\n\n".join(parts)), where)


def _content(server: Server, text: str) -> types.MarkupContent:
    documents = server.client_capabilities.text_document
    formats = documents and documents.hover and documents.hover.content_format
    if formats and types.MarkupKind.Markdown not in formats:
        plain = text.replace("```luau\n", "").replace("\n```", "")
        return types.MarkupContent(types.MarkupKind.PlainText, plain)
    return types.MarkupContent(types.MarkupKind.Markdown, text)


def _about(subject: Subject) -> str:
    facts = list(_facts(subject.member or subject.cls)) if subject.member or subject.cls else []
    lines = [f"```luau\n{subject.title}\n```", *facts, f"[Roblox documentation]({subject.url})"]
    return "\n\n".join(lines)


def _facts(subject: Member | RobloxClass | None) -> Iterator[str]:
    from luau_scorers.roblox_api import Api, Member

    if subject is None:
        return
    if subject.deprecated:
        instead = f": use `{subject.replacement}`" if subject.replacement else ""
        yield f"**Deprecated**{instead} ({Api.load().stamp})"
    if subject.side != "both":
        yield f"Only on the {subject.side}"
    if isinstance(subject, Member):
        if subject.yields:
            yield "Yields: the script waits here until it is done"
        if subject.read_only:
            yield "Read-only"
    elif subject.service:
        yield "A service"
    elif not subject.creatable:
        yield "Can't be made by `Instance.new`"


def _rules(analysis: Analysis, offset: int) -> Iterator[str]:
    """The rules behind the problems at a place, by their first paragraphs."""
    from luau_scorers.docs import link
    from luau_scorers.rule import all_rules

    rules = {rule.code: rule for rule in all_rules()}
    for code in dict.fromkeys(each.rule for each in analysis.findings if each.span.start <= offset <= each.span.end):
        yield f"**[{code}]({link(code)})** {_first_paragraph(rules[code])}"


def _first_paragraph(rule: type[Rule]) -> str:
    from inspect import cleandoc

    return " ".join(cleandoc(rule.__doc__ or "").split("\n\n")[0].split())
