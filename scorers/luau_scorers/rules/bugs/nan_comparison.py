from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Finding, Fix, Span
from ...nodes import text
from ...rule import Invalid, Match, Rule
from ...values import is_steady, operands, operator

_OPPOSITE = {"==": "~=", "~=": "=="}


class NanComparison(Rule):
    """A comparison with NaN: `x == 0/0`.

    NaN equals nothing, itself included, so that `==` is always false and `~=` always true. A number is NaN where it
    differs from itself: `x ~= x`. The fix writes that; it is not safe, because the condition then can come out
    differently, which is what was meant.
    """

    severity = "warning"
    message = "nothing equals NaN: compare the number with itself"
    also_in = ("selene",)
    query = """
      (binary_expression left: (number) @zero "/" right: (number) @divisor
        (#eq? @zero "0") (#eq? @divisor "0")) @here
    """
    valid = (
        "if speed ~= speed then speed = 0 end",
        "if speed == 1 / 0 or speed == 0 / 5 then speed = 0 end",
        "local nan = 0 / 0",
    )
    invalid = (
        Invalid(
            """
if speed == 0 / 0 then
-- ^^^^^^^^^^^^^^
    speed = 0
end
""",
            fixed="""
if speed ~= speed then
    speed = 0
end
""",
        ),
        Invalid(
            """
if read() ~= (0/0) then
-- ^^^^^^^^^^^^^^^
    speed = 0
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        return _comparison(match) is not None

    def finding(self, match: Match) -> Finding:
        comparison = _comparison(match) or match["here"]
        span = Span(comparison.start_byte, comparison.end_byte)
        return Finding(self.code, span, self.message, self.severity, _fix(comparison))


def _comparison(match: Match) -> Node | None:
    """The comparison that NaN is the right side of."""
    nan, above = match["here"], match["here"].parent
    while above is not None and above.type == "parenthesized_expression":
        nan, above = above, above.parent
    if above is None or above.type != "binary_expression" or operator(above) not in _OPPOSITE:
        return None
    return above if above.child_by_field_name("right") == nan else None


def _fix(comparison: Node) -> Fix | None:
    value = operands(comparison)[0]
    if not is_steady(value):
        return None
    new = f"{text(value)} {_OPPOSITE[operator(comparison)]} {text(value)}"
    return Fix("Compare it with itself", (Edit(Span(comparison.start_byte, comparison.end_byte), new),), safe=False)
