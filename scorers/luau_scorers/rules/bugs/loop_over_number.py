from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...rule import Invalid, Match, Rule
from ...values import operator


class LoopOverNumber(Rule):
    """`for i in 10 do` or `for i in #list do`: a number is nothing that a loop can go over.

    It raises an error when it runs. Write `for i = 1, 10 do`. The fix does that; it is safe, because as it stands the
    loop cannot work.
    """

    severity = "error"
    message = "a loop cannot go over a number: write `for i = 1, n do`"
    query = """
      (for_generic_clause
        (variable_list) @names
        (expression_list . [(number) (unary_expression)] @here .))
    """
    valid = (
        "for i = 1, 10 do print(i) end",
        "for i in coins do print(i) end",
        "for i in -coins do print(i) end",
    )
    invalid = (
        Invalid(
            """
for i in #coins do print(i) end
--       ^^^^^^
for i in 10 do print(i) end
--       ^^
""",
            fixed="""
for i = 1, #coins do print(i) end
for i = 1, 10 do print(i) end
""",
        ),
        Invalid(
            """
for i, coin in 10 do print(i, coin) end
--             ^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        here = match["here"]
        return here.type == "number" or operator(here) == "#"

    def fix(self, match: Match) -> Fix | None:
        if len(match["names"].named_children) != 1:
            return None
        between = Span(match.span("names").end, match.span("here").start)
        return Fix("Count from 1", (Edit(between, " = 1, "),))
