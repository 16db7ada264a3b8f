from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tree_sitter import Node

from ...finding import Edit, Finding, Fix, Span
from ...rule import Invalid, Rule
from ...syntax_tree import Document
from ...units import Unit

_CONDITION = re.compile(rb"\b(?:if|elseif|while|until)\s*\(")
_STATEMENTS = ("if_statement", "elseif_statement", "while_statement", "repeat_statement")


class RedundantParentheses(Rule):
    """`if (x) then`: parentheses around a whole condition.

    Other languages need them, Luau does not. Reported once per file; the fix takes all of them off and is safe.
    """

    severity = "hint"
    message = "Luau needs no parentheses around a condition"
    also_in = ("selene",)
    valid = (
        "if ready then print(1) end\nlocal first = (read())\nif (a or b) and c then print(1) end",
        "if (\n\ta\n\tand b\n) then print(1) end",
        "if (a -- why\n) then print(1) end",
    )
    invalid = (
        Invalid(
            """
if (coins > 5) then
-- ^^^^^^^^^^^
    print(coins)
elseif(coins == 5)then
    print("five")
end
repeat task.wait() until (ready)
""",
            fixed="""
if coins > 5 then
    print(coins)
elseif coins == 5 then
    print("five")
end
repeat task.wait() until ready
""",
        ),
    )

    def gather(self, unit: Unit, document: Document) -> list[Edit]:
        return [_edit(node, unit, document) for node in _bracketed(unit, document) if _is_needless(node)]

    def conclude(self, gathered: Sequence[tuple[Unit, Any]], document: Document) -> Iterator[Finding]:
        edits = tuple(unit.moved(edit) for unit, edit in gathered)
        fix = Fix("Take them off everywhere", edits)
        yield Finding(self.code, edits[0].span, self.message, self.severity, fix)


def _bracketed(unit: Unit, document: Document) -> Iterator[Node]:
    """Every expression in parentheses that a condition begins with, those inside another left out."""
    end = 0
    for found in _CONDITION.finditer(document.source, unit.start, unit.end):
        node = unit.node.descendant_for_byte_range(found.end() - 1, found.end())
        whole = node.parent if node is not None else None
        if whole is not None and whole.type == "parenthesized_expression" and whole.start_byte >= end:
            end = whole.end_byte
            yield whole


def _is_needless(node: Node) -> bool:
    """Whether this is a whole condition, on one line, without a comment."""
    statement = node.parent
    if statement is None or statement.type not in _STATEMENTS or statement.child_by_field_name("condition") != node:
        return False
    return node.start_point[0] == node.end_point[0] and len(node.named_children) == 1


def _edit(node: Node, unit: Unit, document: Document) -> Edit:
    source = document.source
    before = "" if source[node.start_byte - 1 : node.start_byte].isspace() else " "
    after = " " if source[node.end_byte : node.end_byte + 1].isalpha() else ""
    inside = document.text(node.named_children[0])
    span = Span(node.start_byte - unit.start, node.end_byte - unit.start)
    return Edit(span, before + inside + after)
