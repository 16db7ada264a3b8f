from __future__ import annotations

from collections.abc import Iterator

from ...blocks import balance
from ...finding import Finding, Span
from ...rule import Invalid, Rule
from ...syntax_tree import Document
from .foreign_keyword import found


class MissingEnd(Rule):
    """A block or bracket that is opened and never closed.

    The parser notices it at the end of the file, far from the mistake. Indentation shows where the block was meant to
    end, so the report is at its first word.
    """

    severity = "error"
    message = "this is never closed"
    valid = ("if a then\n\tf()\nend\nlocal x = if a then b else c",)
    invalid = (
        Invalid(
            """
local function f(x)
    if x then
--  ^^
        g()
end

local function h() end
"""
        ),
        Invalid(
            """
local t = {
--        ^
	a = f(1),

print(t)
"""
        ),
    )

    def scan(self, document: Document) -> Iterator[Finding]:
        if document.errors and not any(found(document)):
            for opener in balance(document.source, document.tokens).unclosed:
                word = opener.text.decode()
                closer = {"repeat": "until", "(": ")", "{": "}", "[": "]"}.get(word, "end")
                message = f"this `{word}` has no `{closer}`"
                yield Finding(self.code, Span(opener.start, opener.end), message, self.severity)
