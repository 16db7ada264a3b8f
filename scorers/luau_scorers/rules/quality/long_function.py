from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...nodes import FUNCTIONS
from ...rule import Invalid, Match, Rule

_LONGEST = 120
_STEP = "    step()\n"


class LongFunction(Rule):
    """A named function of more than 120 lines, functions inside it not counted.

    Nobody sees at a glance what it does. Give its parts names of their own, as functions.
    """

    severity = "hint"
    message = "this function is longer than 120 lines: give its parts names of their own"
    query = """
      (function_declaration name: (_) @here) @function
    """
    valid = (
        "local function run()\n" + _STEP * 118 + "end\nrun()",
        "local function run()\nlocal function inner()\n" + _STEP * 100 + "end\n" + _STEP * 100 + "inner()\nend\nrun()",
    )
    invalid = (Invalid("local function run()\n--             ^^^\n" + _STEP * 130 + "end\nrun()"),)

    def check(self, match: Match) -> bool:
        function = match["function"]
        return _lines(function) > _LONGEST and _own_lines(function) > _LONGEST


def _lines(node: Node) -> int:
    return node.end_point[0] - node.start_point[0] + 1


def _own_lines(function: Node) -> int:
    return _lines(function) - sum(map(_lines, _inner(function)))


def _inner(node: Node) -> Iterator[Node]:
    """The outermost functions inside a node."""
    for child in node.named_children:
        if child.type in FUNCTIONS:
            yield child
        else:
            yield from _inner(child)
