from __future__ import annotations

from ...finding import Edit, Fix
from ...nodes import is_statement
from ...rule import Invalid, Match, Rule
from ...values import is_words


class TableInsertKey(Rule):
    """`table.insert(t, "key", value)`: the second of three values is a place in a list, a number.

    It raises an error when it runs. Set a field instead: `t["key"] = value`. The fix does that; it is safe, because as
    it stands the call cannot work.
    """

    severity = "error"
    message = "table.insert takes a place in a list, a number: write t[key] = value"
    query = """
      (function_call
        name: (_) @function (#eq? @function "table.insert")
        arguments: (arguments . (_) @table . (string) @key . (_) @value .)) @here
    """
    valid = (
        'table.insert(names, 1, "red")\ntable.insert(names, "1", "red")\nlist.insert(names, "first", "red")',
        'table.insert(names, "red")',
    )
    invalid = (
        Invalid(
            """
   table.insert(scores, "red", 5)
-- ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
   scores["red"] = 5
""",
        ),
        Invalid(
            """
local place = (table.insert(scores, "red", 5))
--             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        return is_words(match["key"])

    def fix(self, match: Match) -> Fix | None:
        if not is_statement(match["here"]) or match["table"].type not in ("identifier", "dot_index_expression"):
            return None
        new = f"{match.text('table')}[{match.text('key')}] = {match.text('value')}"
        return Fix("Set a field", (Edit(match.span("here"), new),))
