from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix
from ...nodes import text
from ...rule import Invalid, Match, Rule
from ...scopes import Variable


class ZeroIndex(Rule):
    """`list[0]` on a table written as a list.

    Lists start at 1, so that this is nil. Reported only where the file sets no item 0. The fix writes 1; it is not
    safe, because something else then is read.
    """

    severity = "warning"
    message = "lists start at 1: item 0 is nil"
    query = """
      (bracket_index_expression table: (identifier) @table field: (number) @here (#eq? @here "0"))
    """
    valid = (
        'local names = { "a", "b" }\nprint(names[1])',
        'local names = { [0] = "none", "a" }\nprint(names[0])',
        'local names = { "a" }\nnames[0] = "none"\nprint(names[0])',
        "local names = {}\nfill(names)\nprint(names[0])",
        'local names = { "a" }\nfor i = 0, 1 do names[i] = i end\nprint(names[0])',
    )
    invalid = (
        Invalid(
            """
local names = { "a", "b" }
print(names[0])
--          ^
""",
            fixed="""
local names = { "a", "b" }
print(names[1])
""",
        ),
    )

    def check(self, match: Match) -> bool:
        variable = match.document.scopes.variable(match["table"])
        if variable is None or variable.writes or variable.value is None:
            return False
        return _is_list(variable.value) and not _sets_computed_item(variable)

    def fix(self, match: Match) -> Fix:
        return Fix("Read item 1", (Edit(match.span("here"), "1"),), safe=False)


def _is_list(value: Node) -> bool:
    fields = [child for child in value.named_children if child.type == "field"]
    listed = value.type == "table_constructor" and any(field.child_by_field_name("name") is None for field in fields)
    return listed and not any(text(field.child_by_field_name("name")) == "0" for field in fields)


def _sets_computed_item(variable: Variable) -> bool:
    """Whether an item is set whose number may be 0."""
    for use in variable.reads:
        target = use.parent
        if target is not None and target.type == "bracket_index_expression" and target.parent is not None:
            field = target.child_by_field_name("field")
            if target.parent.type == "variable_list" and (
                field is None or text(field) == "0" or field.type != "number"
            ):
                return True
    return False
