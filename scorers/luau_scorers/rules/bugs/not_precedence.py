from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix, Span
from ...rule import Invalid, Match, Rule
from ...values import COMPARISONS, operator, unwrapped

_OPPOSITE = {"==": "~=", "~=": "=="}
_TRUTHS = ("true", "false")


class NotPrecedence(Rule):
    """`not x == y`, which means `(not x) == y`.

    `not` binds tighter than a comparison. Write `x ~= y`, or `not (x < y)`. The fix does that; it is not safe, because
    the condition can then come out differently, which is what was meant.
    """

    severity = "warning"
    message = "`not` takes only what stands right after it, not the comparison"
    also_in = ("luau-lsp",)
    luau_lints = ("ComparisonPrecedence",)
    query = """
      (binary_expression
        left: (unary_expression "not" @not operand: (_) @operand) right: (_) @right) @here
    """
    valid = (
        "if not (x == y) and not ready == not done then print(x) end",
        "if not ready == true then print(x) end",
        "if (not ready) == done or -x == y then print(x) end",
    )
    invalid = (
        Invalid(
            """
if not team == other then print(team) end
-- ^^^^^^^^^^^^^^^^^
if not count > 3 then print(team) end
-- ^^^^^^^^^^^^^
""",
            fixed="""
if team ~= other then print(team) end
if not (count > 3) then print(team) end
""",
        ),
    )

    def check(self, match: Match) -> bool:
        right = unwrapped(match["right"])
        compares = operator(match["here"]) in COMPARISONS
        return compares and right.type not in _TRUTHS and not _is_boolean(right)

    def fix(self, match: Match) -> Fix:
        operand, sign, end = match.span("operand"), operator(match["here"]), match.span("here").end
        if sign not in _OPPOSITE:
            edits = (Edit(Span(operand.start, operand.start), "("), Edit(Span(end, end), ")"))
            return Fix("Put the comparison in parentheses", edits, safe=False)
        new = f"{match.text('operand')} {_OPPOSITE[sign]} {match.text('right')}"
        return Fix(f"Write {_OPPOSITE[sign]}", (Edit(match.span("here"), new),), safe=False)


def _is_boolean(node: Node) -> bool:
    return node.type in ("unary_expression", "binary_expression") and operator(node) in ("not", "==", "~=", "<", ">")
