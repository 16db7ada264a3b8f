from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...finding import Edit, Finding, Fix, Span
from ...rule import Invalid, Rule
from ...syntax_tree import Document

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

    def scan(self, document: Document) -> Iterator[Finding]:
        spans = [Span(found.start(), found.end()) for found in _AT_END.finditer(document.source)]
        spans = [span for span in spans if _ends_statement(span, document)]
        if spans:
            edits = tuple(Edit(span, "") for span in spans)
            yield Finding(self.code, spans[0], self.message, self.severity, Fix("Take all of them away", edits))


def _ends_statement(span: Span, document: Document) -> bool:
    after = span.end
    while gap := _GAP.match(document.source, after):
        after = gap.end()
    if document.source[after : after + 1] == b"(":
        return False
    node: Node | None = document.root.descendant_for_byte_range(span.start, span.end)
    # a table and a type have semicolons of their own
    return node is not None and node.type == "empty_statement"
