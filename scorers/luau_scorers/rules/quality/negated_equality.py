from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...rule import Invalid, Match, Rule
from ...values import operator

_OPPOSITE = {"==": "~=", "~=": "=="}


class NegatedEquality(Rule):
    """`not (a == b)`, which is `a ~= b`.

    One sign is easier to read than two. The fix writes it; it is safe.
    """

    severity = "hint"
    message = "write ~= instead of not ... =="
    query = """
      (unary_expression
        "not" operand: (parenthesized_expression . (binary_expression ["==" "~="] @sign) @inside .)) @here
    """
    valid = (
        "if a ~= b and not (a < b) and not (a == b and c) then print(a) end",
        "print(not (a == b) == c)",
    )
    invalid = (
        Invalid(
            """
if not (team == other) then print(team) end
-- ^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
if team ~= other then print(team) end
""",
        ),
    )

    def check(self, match: Match) -> bool:
        parent = match["here"].parent
        return parent is not None and not (parent.type == "binary_expression" and operator(parent) not in ("and", "or"))

    def describe(self, match: Match) -> str:
        sign = match.text("sign")
        return f"write `{_OPPOSITE[sign]}` instead of `not (... {sign} ...)`"

    def fix(self, match: Match) -> Fix:
        here, inside, sign = match.span("here"), match.span("inside"), match.span("sign")
        edits = (
            Edit(Span(here.start, inside.start), ""),
            Edit(sign, _OPPOSITE[match.text("sign")]),
            Edit(Span(inside.end, here.end), ""),
        )
        return Fix(f"Write {_OPPOSITE[match.text('sign')]}", edits)
