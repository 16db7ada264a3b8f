from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...nodes import is_statement, text
from ...rule import Invalid, Match, Rule
from ...values import is_steady


class AlmostSwapped(Rule):
    """`a = b` and then `b = a`: both hold the same afterwards.

    To swap two values, set both at once: `a, b = b, a`. The fix does that; it is not safe, because the values are then
    swapped, which is what was meant.
    """

    severity = "warning"
    message = "this does not swap the two: write a, b = b, a"
    also_in = ("selene",)
    query = """
      (assignment_statement (variable_list . (_) @first .) (expression_list . (_) @second .)) @here
    """
    valid = (
        "local old = a\na = b\nb = old",
        "a = b\nb = c",
        "a = b\nc = a",
        "a = 1\na = 1\na, b = b, a",
        "list[i()] = b\nb = list[i()]",
    )
    invalid = (
        Invalid(
            """
   first = second
-- ^^^^^^^^^^^^^^
second = first
""",
            fixed="""
   first, second = second, first
""",
        ),
    )

    def check(self, match: Match) -> bool:
        first, second, after = match["first"], match["second"], match.document.after(match["here"])
        if after is None or after.type != "assignment_statement" or not is_statement(match["here"]):
            return False
        sides = [text(side) for side in after.named_children]
        return sides == [text(second), text(first)] and sides[0] != sides[1] and is_steady(first) and is_steady(second)

    def fix(self, match: Match) -> Fix | None:
        first, second, after = match.text("first"), match.text("second"), match.document.after(match["here"])
        if after is None:
            return None
        edit = Edit(Span(match.span("here").start, after.end_byte), f"{first}, {second} = {second}, {first}")
        return Fix("Swap them", (edit,), safe=False)
