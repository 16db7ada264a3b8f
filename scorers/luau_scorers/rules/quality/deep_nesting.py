from __future__ import annotations

from tree_sitter import Node

from ...nodes import FUNCTIONS, ancestors
from ...rule import Invalid, Match, Rule

_DEEPEST = 6
_BLOCKS = ("if_statement", "for_statement", "while_statement", "repeat_statement")


class DeepNesting(Rule):
    """Conditions and loops nested more than six deep in one function.

    Leave early with `return` or `continue`, or give the inner part a function of its own.
    """

    severity = "hint"
    message = "nested more than six deep: leave early, or make the inner part a function"
    query = """
      (if_statement "if" @here) @block
      (for_statement "for" @here) @block
      (while_statement "while" @here) @block
      (repeat_statement "repeat" @here) @block
    """
    valid = (
        "if a then if b then if c then if d then if e then if f then print(1) end end end end end end",
        "if a then if b then if c then if d then f(function() if e then for _ in g do h() end end end) end end end end",
    )
    invalid = (
        Invalid(
            """
if a then if b then if c then while d do for _ in e do repeat
        if g then print(1) end
--      ^^
        if h then print(2) end
until f end end end end end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        if match["here"].start_point[1] <= _DEEPEST:
            return False  # nobody indents less than one column for a level
        depth = 0
        for above in ancestors(match["block"]):
            if above.type in FUNCTIONS:
                break
            depth += above.type in _BLOCKS
        return depth == _DEEPEST and not _has_earlier(match["block"])


def _has_earlier(block: Node) -> bool:
    """Whether a condition or loop stands before this one in the same block: one report is enough."""
    before = block.prev_named_sibling
    while before is not None:
        if before.type in _BLOCKS:
            return True
        before = before.prev_named_sibling
    return False
