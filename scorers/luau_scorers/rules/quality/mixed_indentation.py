from __future__ import annotations

import re
from collections.abc import Iterator

from ...finding import Finding, Span
from ...rule import Invalid, Rule
from ...syntax_tree import Document

_INDENTED = re.compile(rb"^(\t+|  +)([^\s;]+)", re.MULTILINE)


class MixedIndentation(Rule):
    """Some lines indented with tabs, others with spaces.

    What lines up for one reader is ragged for the next. Reported once per file, at the first line that is not like most
    of the others.
    """

    severity = "hint"
    message = "most lines of this file are indented otherwise: tabs and spaces are mixed"
    valid = (
        "do\n\tprint(1)\nend\nlocal text = [[\n  two\n]]\n--[[\n  spaces\n]]",
        "do\n    print(1)\n    print(2)\nend",
        "local shown = first\n\tor second\n\t  or third",
    )
    invalid = (
        Invalid(
            """
do
	print(1)
	print(2)
    print(3)
--  ^^^^^^^^
end
"""
        ),
    )

    def scan(self, document: Document) -> Iterator[Finding]:
        lines = list(_INDENTED.finditer(document.source))
        if len({found[1][:1] for found in lines}) < 2:
            return
        tabs: list[Span] = []
        spaces: list[Span] = []
        for found in lines:
            if not _in_text(document, found.start(2)):
                (tabs if found[1].startswith(b"\t") else spaces).append(Span(*found.span(2)))
        if tabs and spaces:
            usual, unusual = ("tabs", spaces) if len(tabs) >= len(spaces) else ("spaces", tabs)
            message = f"most lines of this file are indented with {usual}, this one is not"
            yield Finding(self.code, unusual[0], message, self.severity)


def _in_text(document: Document, at: int) -> bool:
    """Whether this place is inside a string or a comment of more than one line."""
    node = document.root.descendant_for_byte_range(at, at)
    return node is not None and node.type in ("comment", "comment_content", "string", "string_content")
