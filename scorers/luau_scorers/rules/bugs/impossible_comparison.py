from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix
from ...nodes import calls_builtin
from ...rule import Invalid, Match, Rule
from ...values import COMPARISONS, operands, operator, value_type

_KNOWABLE = ("unary_expression", "binary_expression", "function_call", "string", "number")
_ORDER = ("<", "<=", ">", ">=")


class ImpossibleComparison(Rule):
    """A comparison of two types that are never equal: a length with a string, `type(x)` with nil.

    `==` does not convert: `1 == "1"` is false. The fix of `type(x) == nil` puts nil in quotes, that of a number in
    quotes takes them off; neither is safe, because the condition can then come out differently, which is what was
    meant.
    """

    severity = "warning"
    message = "these are never equal"
    query = """
      (binary_expression
        left: (_) @left right: [(string) (number) (true) (false) (nil)] @right) @here
    """
    valid = (
        'print(#coins == 3, count == "3", tostring(count) == "3", not ready == true)',
        'print("a" .. "b" == "ab", first < "b", #coins > 0, 0 < coins < 10)',
    )
    invalid = (
        Invalid(
            """
if #coins == "3" or type(coins) == nil then
-- ^^^^^^^^^^^^^
--                  ^^^^^^^^^^^^^^^^^^
    print(coins)
end
""",
            fixed="""
if #coins == 3 or type(coins) == "nil" then
    print(coins)
end
""",
        ),
        Invalid(
            """
if tostring(count) > 5 then print(count) end
-- ^^^^^^^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        if match["left"].type not in _KNOWABLE or operator(match["here"]) not in COMPARISONS:
            return False
        if operator(match["left"]) in _ORDER and operator(match["here"]) in _ORDER:
            return False  # `a < b < c` has a rule of its own
        left, right = (value_type(side, match.document.scopes) for side in operands(match["here"]))
        return left is not None and left != right and not _is_negation(match["left"])

    def describe(self, match: Match) -> str:
        left, right = (value_type(side, match.document.scopes) for side in operands(match["here"]))
        outcome = {"==": "always false", "~=": "always true"}.get(operator(match["here"]), "an error when it runs")
        return f"a {left} compared with {'nil' if right == 'nil' else f'a {right}'}: this is {outcome}"

    def fix(self, match: Match) -> Fix | None:
        left, right = operands(match["here"])
        shown = match.text("right")
        if right.type == "nil" and calls_builtin(left, "type", match.document.scopes):
            return Fix('Write "nil"', (Edit(match.span("right"), '"nil"'),), safe=False)
        if right.type == "string" and shown[1:-1].isdigit() and value_type(left, match.document.scopes) == "number":
            return Fix("Take the quotes off", (Edit(match.span("right"), shown[1:-1]),), safe=False)
        return None


def _is_negation(node: Node) -> bool:
    """``not x == y`` has a rule of its own."""
    return node.type == "unary_expression" and operator(node) == "not"
