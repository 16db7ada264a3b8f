from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...rule import Invalid, Match, Rule
from ...values import number_value, operator


class EmptyNumericLoop(Rule):
    """`for i = 10, 1 do`: a loop that counts away from its end, so that it never runs.

    Without a third number a loop counts up. Write `for i = 10, 1, -1 do`. The fix does that; it is not safe, because
    the loop then runs, which is what was meant.
    """

    severity = "warning"
    message = "this loop never runs: to count down, add a step of -1"
    also_in = ("luau-lsp", "selene")
    luau_lints = ("ForRange",)
    query = """
      (for_numeric_clause start: (_) @start end: (_) @end) @here
    """
    valid = (
        "for i = 10, 1, -1 do print(i) end",
        "for i = #coins, 1, -1 do print(i) end",
        "for i = 1, 10 do print(i) end",
        "for i = first, 1 do print(i) end",
    )
    invalid = (
        Invalid(
            """
for i = 10, 1 do print(i) end
--  ^^^^^^^^^
for i = #coins, 1 do print(i) end
--  ^^^^^^^^^^^^^
""",
            fixed="""
for i = 10, 1, -1 do print(i) end
for i = #coins, 1, -1 do print(i) end
""",
        ),
        Invalid(
            """
for i = 1, 10, -1 do print(i) end
--  ^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        start, end = match["start"], match["end"]
        step = match["here"].child_by_field_name("step")
        stride = 1.0 if step is None else number_value(step)
        first, last = number_value(start), number_value(end)
        if stride is None or last is None:
            return False
        if first is None:
            counts_down = start.type == "unary_expression" and operator(start) == "#" and last in (0, 1)
            return counts_down and stride > 0
        return (last - first) * stride < 0

    def fix(self, match: Match) -> Fix | None:
        if match["here"].child_by_field_name("step") is not None:
            return None
        end = match.span("end").end
        return Fix("Count down", (Edit(Span(end, end), ", -1"),), safe=False)
