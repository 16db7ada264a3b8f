from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ...finding import Finding, Span
from ...rule import Invalid, Rule
from ...syntax_tree import Document
from ...units import Unit

_INDENTED = re.compile(rb"^(\t+|  +)([^\s;]+)", re.MULTILINE)
# What a string or a comment of several lines begins with, or has at the end of a line.
_MANY_LINES = re.compile(rb"\[=*\[|`|\\\r?\n|\\z")


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

    def gather(self, unit: Unit, document: Document) -> list[tuple[bool, int, Span]]:
        """For each way to indent: whether it is tabs, on how many lines, and what stands on the first of them."""
        start = document.source.rfind(b"\n", 0, unit.start) + 1
        lines = list(_INDENTED.finditer(document.source, start, unit.end))
        if lines and _MANY_LINES.search(document.source, unit.start, unit.end):
            lines = [found for found in lines if not _in_text(unit, found.start(2))]
        found = []
        for with_tabs in (True, False):
            alike = [line for line in lines if line[1].startswith(b"\t") == with_tabs]
            if alike:
                first, last = alike[0].span(2)
                found.append((with_tabs, len(alike), Span(first - unit.start, last - unit.start)))
        return found

    def conclude(self, gathered: Sequence[tuple[Unit, Any]], document: Document) -> Iterator[Finding]:
        counts = Counter[bool]()
        for _, (with_tabs, count, _) in gathered:
            counts[with_tabs] += count
        if len(counts) == 2:
            usual = counts[True] >= counts[False]
            unit, span = next((unit, span) for unit, (with_tabs, _, span) in gathered if with_tabs != usual)
            name = "tabs" if usual else "spaces"
            message = f"most lines of this file are indented with {name}, this one is not"
            yield Finding(self.code, Span(unit.start + span.start, unit.start + span.end), message, self.severity)


def _in_text(unit: Unit, at: int) -> bool:
    """Whether this place is inside a string or a comment of more than one line."""
    node = unit.node.descendant_for_byte_range(at, at)
    return node is not None and node.type in ("comment", "comment_content", "string", "string_content")
