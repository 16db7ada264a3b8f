from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix, Span
from ...nodes import text
from ...rule import Invalid, Match, Rule
from ...values import is_words, operands, operator


class StringArithmetic(Rule):
    """`"Coins: " + count` or `"=" * 20`: arithmetic on a string that is no number.

    It raises an error when it runs. Join strings with `..`, and repeat one with `string.rep`. The fix is safe: as it
    stands, the line cannot work.
    """

    severity = "error"
    message = "arithmetic on a string fails: join strings with `..`"
    query = """
      (binary_expression left: (_) ["+" "*"] @here right: (_)) @sum
      (update_statement "+=" @here (expression_list . (string) @text .)) @sum
    """
    valid = (
        'print("Coins: " .. count + 1, "1" + 2, 2 * 3)',
        'count += 1\nshown ..= "!"\ncount += "5"',
    )
    invalid = (
        Invalid(
            """
print("Coins: " + count + "!")
--              ^
--                      ^
shown += " coins"
--    ^^
""",
            fixed="""
print("Coins: " .. count .. "!")
shown ..= " coins"
""",
        ),
        Invalid(
            """
print("=" * 20, 1 +"a")
--        ^
--                ^
""",
            fixed="""
print(string.rep("=", 20), 1 .. "a")
""",
        ),
    )

    def check(self, match: Match) -> bool:
        if "text" in match.nodes:
            return is_words(match["text"])
        if match.text("here") == "*":
            return any(is_words(side) for side in operands(match["sum"]))
        return _joins_text(match["sum"])

    def describe(self, match: Match) -> str:
        sign = match.text("here")
        advice = (
            "repeat it with `string.rep`" if sign == "*" else f"join strings with `{'..=' if sign == '+=' else '..'}`"
        )
        return f"`{sign}` on a string fails: {advice}"

    def fix(self, match: Match) -> Fix | None:
        sign = match.text("here")
        if sign == "+=":
            return Fix("Write ..=", (Edit(match.span("here"), "..="),))
        left, right = operands(match["sum"])
        if sign == "+":
            return Fix("Write ..", (Edit(Span(left.end_byte, right.start_byte), " .. "),))
        if not is_words(left):
            return None
        return Fix("Write string.rep", (Edit(match.span("sum"), f"string.rep({text(left)}, {text(right)})"),))


def _joins_text(node: Node) -> bool:
    """Whether this sum has a string in it that is no number."""
    if node.type != "binary_expression" or operator(node) != "+":
        return is_words(node)
    return any(_joins_text(side) for side in operands(node))
