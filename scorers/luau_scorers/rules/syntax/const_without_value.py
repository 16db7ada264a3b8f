from __future__ import annotations

from ...rule import Invalid, Match, Rule

_MANY = ("function_call", "vararg_expression")


class ConstWithoutValue(Rule):
    """A `const` with more names than values, or with more values than names.

    A `const` can have no other value later, so each of its names needs one at once. A call or `...` at the end gives
    as many as are needed.
    """

    severity = "error"
    message = "a `const` has as many values as names"
    also_in = ("luau-lsp",)
    query = """
      (variable_declaration "const" (assignment_statement
        (variable_list) @names
        (expression_list) @here))
    """
    valid = ("const a, b = 1, 2", "const a, b = f()", "const a, b, c = 1, ...", "local a, b = 1")
    invalid = (
        Invalid(
            """
const width, height = 16
--                    ^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        names = match["names"].children_by_field_name("name")
        values = match["here"].children_by_field_name("value")
        return len(names) != len(values) and not (len(values) < len(names) and values[-1].type in _MANY)
