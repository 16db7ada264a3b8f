from __future__ import annotations

from ...rule import Invalid, Match, Rule
from ...values import gives_many


class AssignmentCount(Rule):
    """More names than values, or more values than names: `local x, y = 1`.

    A name without a value is nil, and a value without a name is dropped. `local x, y = nil` is left alone, and so is
    a list that ends with a call or `...`, which may give any number of values.
    """

    severity = "warning"
    message = "the names and the values are not equally many"
    also_in = ("luau-lsp", "selene")
    luau_lints = ("UnbalancedAssignment",)
    query = """
      (assignment_statement (variable_list) @names (expression_list) @here)
    """
    valid = (
        "local x, y = 1, 2\nx, y = y, x",
        "local first, second = read()\nfirst, second = ...",
        "local x, y = nil\nx, y = 1, nil",
        "local text: string, count: number = string.gsub('a', 'b', 'c')",
    )
    invalid = (
        Invalid(
            """
local x, y = 1
--           ^
x = y, 2
--  ^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        names = len(match["names"].children_by_field_name("name"))
        values = [child for child in match["here"].named_children if child.type != "comment"]
        if not values:
            return False
        open_ended = gives_many(values[-1]) or values[-1].type == "nil"
        return len(values) > names or (len(values) < names and not open_ended)

    def describe(self, match: Match) -> str:
        names = len(match["names"].children_by_field_name("name"))
        values = len([child for child in match["here"].named_children if child.type != "comment"])
        outcome = "what is left over is dropped" if values > names else "what is left over is nil"
        return f"{names} name{'s' * (names > 1)}, {values} value{'s' * (values > 1)}: {outcome}"
