from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tree_sitter import Node

from ...finding import Edit, Finding, Fix, Span
from ...rule import Invalid, Rule
from ...syntax_tree import Document
from ...units import Unit

_AT_END = re.compile(rb";(?=[ \t\r]*(?:--[^\n]*)?(?:\n|\Z))")
_GAP = re.compile(rb"\s+|--\[\[.*?\]\]|--[^\n]*", re.DOTALL)


class TrailingSemicolon(Rule):
    """A semicolon at the end of a line.

    Luau needs none: a line's end is enough. Reported once per file; the fix takes all of them away and is safe.
    """

    severity = "hint"
    message = "Luau needs no semicolon at the end of a line"
    valid = (
        "local x = 1; local y = 2\nlocal t = { 1;\n2;\n}\nprint(x, y, t, 'a;') --;",
        "type Coin = {\n\tvalue: number;\n\tname: string;\n}",
        "local x = f;\n(g or h)(x)",
    )
    invalid = (
        Invalid(
            """
local x = 1;
--         ^
print(x); -- shown
return;
""",
            fixed="""
local x = 1
print(x) -- shown
return
""",
        ),
    )

    def gather(self, unit: Unit, document: Document) -> list[Edit]:
        line_end = document.source.find(b"\n", unit.end) + 1 or len(document.source)
        places = [found.span() for found in _AT_END.finditer(document.source, unit.start, line_end)]
        ours = (place for place in places if place[0] < unit.end and _ends_statement(*place, document))
        return [Edit(Span(start - unit.start, end - unit.start), "") for start, end in ours]

    def conclude(self, gathered: Sequence[tuple[Unit, Any]], document: Document) -> Iterator[Finding]:
        edits = tuple(unit.moved(edit) for unit, edit in gathered)
        yield Finding(self.code, edits[0].span, self.message, self.severity, Fix("Take all of them away", edits))


def _ends_statement(start: int, end: int, document: Document) -> bool:
    after = end
    while gap := _GAP.match(document.source, after):
        after = gap.end()
    if document.source[after : after + 1] == b"(":
        return False
    node: Node | None = document.root.descendant_for_byte_range(start, end)
    # a table and a type have semicolons of their own
    return node is not None and node.type == "empty_statement"
