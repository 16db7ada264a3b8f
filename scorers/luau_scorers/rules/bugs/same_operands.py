from __future__ import annotations

from tree_sitter import Node

from ...nodes import text
from ...rule import Invalid, Match, Rule
from ...values import is_steady, operator

_SIGNS = ("<", ">", "<=", ">=", "and", "or")
_NEVER_NAN = ("Name", "Parent", "ClassName", "Team", "UserId", "Character")


class SameOperands(Rule):
    """The same expression on both sides of `<`, `>`, `and`, `or` and the like.

    The result does not depend on the other side, so that most likely another name is meant there. `x ~= x` is left
    alone: that is how NaN is found.
    """

    severity = "warning"
    message = "both sides are the same"
    query = """
      (binary_expression left: (_) @left right: (_) @right (#eq? @left @right)) @here
    """
    valid = (
        "print(first < second, speed ~= speed, next().a or next().a, size * size)",
        "print(a.Name == b.Name, v.X ~= v.X)",
        "local at = options.at and options.at or 1",
    )
    invalid = (
        Invalid(
            """
local count, limit = 1, 2
if count <= count and limit then print("few") end
-- ^^^^^^^^^^^^^^
"""
        ),
        Invalid(
            """
if part.Parent == part.Parent then print("same") end
-- ^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        left, sign = match["left"], operator(match["here"])
        if sign in ("==", "~="):
            return left.type == "dot_index_expression" and text(left.child_by_field_name("field")) in _NEVER_NAN
        return sign in _SIGNS and is_steady(left) and not _has_default(match["here"])


def _has_default(both: Node) -> bool:
    """Whether this is the first half of ``x and x or default``: wordy, and right."""
    above = both.parent
    return operator(both) == "and" and above is not None and operator(above) == "or"
