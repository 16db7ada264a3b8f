from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix, Span
from ...nodes import arguments, text
from ...rule import Invalid, Match, Rule
from ...syntax_tree import Document

_PATHS = ("identifier", "dot_index_expression")


class InstanceNewParent(Rule):
    """`Instance.new` with the parent as its second argument.

    Everything that is set afterwards is then replicated, rendered and reported one by one. Set the parent last. The
    fix moves the parent behind the properties that are set right after; it is safe where none are, and else look
    whether one of them needs the parent.
    """

    severity = "info"
    message = "set Parent last: with the parent here, each later property is replicated and simulated on its own"
    also_in = ("selene",)
    query = """
      (function_call name: (dot_index_expression
        table: (identifier) @class (#eq? @class "Instance")
        field: (identifier) @new (#eq? @new "new"))) @here
    """
    valid = (
        'local part = Instance.new("Part")\npart.Parent = workspace',
        "local point = Vector2.new(1, 2)",
        'Instance.fromExisting(part, "x")',
    )
    invalid = (
        Invalid(
            """
local part = Instance.new("Part", workspace)
--           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
part.Name = "Coin"
part.Anchored = true
print(part)
""",
            fixed="""
local part = Instance.new("Part")
part.Name = "Coin"
part.Anchored = true
part.Parent = workspace
print(part)
""",
        ),
        Invalid(
            """
local part = Instance.new("Part", workspace)
--           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
local part = Instance.new("Part")
part.Parent = workspace
""",
        ),
        Invalid(
            """
add(Instance.new("Part", workspace))
--  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        return len(arguments(match["here"])) == 2 and match.document.scopes.builtin(match["class"])

    def fix(self, match: Match) -> Fix | None:
        cls, parent = arguments(match["here"])
        statement = _declaration(match["here"])
        if statement is None or parent.type not in _PATHS:
            return None
        name = text(statement.named_children[0].named_children[0].named_children[0])
        last = _last_set(statement, name, match.document)
        line = match.document.source.rfind(b"\n", 0, statement.start_byte) + 1
        indent = match.document.source[line : statement.start_byte].decode("utf-8", "replace")
        if indent.strip():
            return None
        dropped = Edit(Span(cls.end_byte, parent.end_byte), "")
        added = Edit(Span(last.end_byte, last.end_byte), f"\n{indent}{name}.Parent = {text(parent)}")
        return Fix("Set the parent last", (dropped, added), safe=last == statement)


def _declaration(value: Node) -> Node | None:
    """``local name = value``, where that is the whole statement."""
    statement = value.parent.parent.parent if value.parent is not None and value.parent.parent is not None else None
    if statement is None or statement.type != "variable_declaration":
        return None
    names, values = statement.named_children[0].named_children
    alone = len(names.named_children) == 1 and len(values.named_children) == 1
    return statement if alone else None


def _last_set(statement: Node, name: str, document: Document) -> Node:
    """The last of the statements right below that set a property of this object."""
    last = statement
    following = document.after(statement)
    while following is not None and following.type == "assignment_statement":
        target = following.named_children[0].named_children[0]
        if target.type != "dot_index_expression" or text(target.child_by_field_name("table")) != name:
            break
        last, following = following, document.after(following)
    return last
