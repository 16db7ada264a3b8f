from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...blocks import balance
from ...finding import Finding, Span
from ...rule import Invalid, Rule
from ...syntax_tree import Document
from .foreign_keyword import found


class ParseError(Rule):
    """Text that is no Luau, where nothing more helpful can be said.

    Only the first such place in a file is reported: what follows is often a consequence.
    """

    severity = "error"
    message = "this is no Luau"
    valid = ("const LIMIT = 5\nlocal x: typeof(LIMIT) = 1",)
    invalid = (
        Invalid(
            """
local x = = 5
--        ^
"""
        ),
        Invalid(
            """
    f()
    end
--  ^^^
"""
        ),
    )

    def scan(self, document: Document) -> Iterator[Finding]:
        if not document.errors or any(token.kind == "other" for token in document.tokens) or any(found(document)):
            return
        paired = balance(document.source, document.tokens)
        if paired.unclosed:
            return
        if paired.stray:
            token = paired.stray[0]
            message = f"this `{token.text.decode()}` closes nothing"
            yield Finding(self.code, Span(token.start, token.end), message, self.severity)
            return
        yield self._first(document, document.errors[0])

    def _first(self, document: Document, error: Node) -> Finding:
        tokens = document.tokens
        if error.is_missing:
            before = [token for token in tokens if token.end <= error.start_byte] or tokens[:1]
            missing = "a name" if error.type == "identifier" else f"`{error.type}`"
            message = f"{missing} is missing after this"
        else:
            before = [token for token in tokens if token.start <= error.start_byte] or tokens[:1]
            message = f"unexpected `{before[-1].text.decode('utf-8', 'replace')}`" if before else self.message
        span = Span(before[-1].start, before[-1].end) if before else Span(0, 0)
        return Finding(self.code, span, message, self.severity)
