from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix, Span
from ...nodes import arguments, text
from ...rule import Invalid, Match, Rule

_LIBRARY = {
    "insert": "insert",
    "push": "insert",
    "append": "insert",
    "add": "insert",
    "remove": "remove",
    "pop": "remove",
    "sort": "sort",
    "concat": "concat",
    "join": "concat",
    "find": "find",
    "indexOf": "find",
    "unpack": "unpack",
}


class ListMethod(Rule):
    """`list:insert(x)`, `list:push(x)`: a table has no methods of its own.

    It raises an error when it runs. The functions are in the library `table`: `table.insert(list, x)`. Reported only
    for a table that this file makes, gives no such method, and hands to nobody else. The fix is safe, because as it
    stands the call cannot work.
    """

    severity = "error"
    message = "a table has no such method"
    query = """
      (function_call
        name: (method_index_expression
          table: (identifier) @table
          method: (identifier) @here
          (#any-of? @here "insert" "push" "append" "add" "remove" "pop" "sort" "concat" "join" "find" "indexOf"
            "unpack"))) @call
    """
    valid = (
        "local list = {}\ntable.insert(list, 1)\nprint(#list)",
        "local list = { push = function() end }\nlist:push(1)",
        "local list = {}\nfunction list:push(x) table.insert(self, x) end\nlist:push(1)",
        "local list = setmetatable({}, List)\nlist:push(1)",
        "local list = {}\nsetmetatable(list, List)\nlist:push(1)",
        "local list = {}\nlist:fill(1)",
    )
    invalid = (
        Invalid(
            """
local names = {}
names:insert("red")
--    ^^^^^^
print(#names, names[1], names:pop())
--                            ^^^
""",
            fixed="""
local names = {}
table.insert(names, "red")
print(#names, names[1], table.remove(names))
""",
        ),
    )

    def check(self, match: Match) -> bool:
        variable = match.document.scopes.variable(match["table"])
        if variable is None or variable.value is None or variable.writes or variable.value.type != "table_constructor":
            return False
        fields = [field.child_by_field_name("name") for field in variable.value.named_children]
        named = any(field is not None and field.type == "identifier" for field in fields)
        return not named and all(_leaves_alone(use) for use in variable.reads)

    def describe(self, match: Match) -> str:
        name = match.text("here")
        return f"a table has no method `{name}`: call `table.{_LIBRARY[name]}`"

    def fix(self, match: Match) -> Fix:
        given = arguments(match["call"])
        head = f"table.{_LIBRARY[match.text('here')]}({match.text('table')}"
        start = match.span("call").start
        end = given[0].start_byte if given else match.span("call").end
        return Fix("Call the library", (Edit(Span(start, end), head + (", " if given else ")")),))


def _leaves_alone(use: Node) -> bool:
    """Whether this use of a table gives it no methods."""
    above = use.parent
    if above is None or above.parent is None:
        return False
    if above.type == "method_index_expression":
        return above.parent.type == "function_call"
    if above.type == "bracket_index_expression" or above.type == "unary_expression":
        return True
    called = text(above.parent.child_by_field_name("name"))
    return above.type == "arguments" and (called.startswith("table.") or called in ("pairs", "ipairs", "next"))
