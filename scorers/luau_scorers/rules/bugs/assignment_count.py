from __future__ import annotations

from tree_sitter import Node

from ...rule import Invalid, Match, Rule
from ...scopes import Scopes
from ...values import gives_many


class AssignmentCount(Rule):
    """More names than values, or more values than names: `local x, y = 1`.

    A name without a value is nil, and a value without a name is dropped. Left alone are `local x, y = nil`, locals
    that get their value later, and a list that ends with a call or `...`, which may give any number of values.
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
        "local text, byte = ''\ntext, byte = read()",
        "const width, height = 1",
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
        names = match["names"].children_by_field_name("name")
        values = [child for child in match["here"].named_children if child.type != "comment"]
        if not values or _is_const(match["here"]):
            return False
        if len(values) >= len(names):
            return len(values) > len(names)
        if gives_many(values[-1]) or values[-1].type == "nil":
            return False
        return not all(_set_later(name, match.document.scopes) for name in names[len(values) :])

    def describe(self, match: Match) -> str:
        names = len(match["names"].children_by_field_name("name"))
        values = len([child for child in match["here"].named_children if child.type != "comment"])
        outcome = "what is left over is dropped" if values > names else "what is left over is nil"
        return f"{names} name{'s' * (names > 1)}, {values} value{'s' * (values > 1)}: {outcome}"


def _is_const(values: Node) -> bool:
    """Whether the values are of a ``const``, for which the language itself asks as many."""
    declaration = values.parent.parent if values.parent is not None else None
    return declaration is not None and any(child.type == "const" for child in declaration.children)


def _set_later(name: Node, scopes: Scopes) -> bool:
    """Whether this declares a local that another statement gives its value."""
    variable = scopes.variable(name)
    return variable is not None and variable.declared == name and bool(variable.writes)
