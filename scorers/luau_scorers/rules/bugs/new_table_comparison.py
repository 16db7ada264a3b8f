from __future__ import annotations

from ...finding import Edit, Fix
from ...rule import Invalid, Match, Rule
from ...values import is_steady


class NewTableComparison(Rule):
    """`if list == {} then`: a new table equals no other, however alike they are.

    Whether a table is empty is asked with `next(list) == nil`. The fix writes that; it is not safe, because the
    condition can then come out differently, which is what was meant.
    """

    severity = "warning"
    message = "a new table equals no other: to ask whether one is empty, write next(t) == nil"
    also_in = ("selene",)
    query = """
      (binary_expression left: (_) @value ["==" "~="] @sign right: (table_constructor) @table) @here
    """
    valid = ("local list = list or {}\nprint(next(list) == nil)",)
    invalid = (
        Invalid(
            """
if coins == {} then print("none") end
-- ^^^^^^^^^^^
""",
            fixed="""
if next(coins) == nil then print("none") end
""",
        ),
        Invalid(
            """
if coins ~= { 1, 2 } then print("others") end
-- ^^^^^^^^^^^^^^^^^
"""
        ),
    )

    def describe(self, match: Match) -> str:
        outcome = "false" if match.text("sign") == "==" else "true"
        return f"this is always {outcome}: a new table equals no other"

    def fix(self, match: Match) -> Fix | None:
        if match["table"].named_children or not is_steady(match["value"]):
            return None
        edit = Edit(match.span("here"), f"next({match.text('value')}) {match.text('sign')} nil")
        return Fix("Ask whether it is empty", (edit,), safe=False)
