from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...nodes import calls_builtin, is_statement, method
from ...rule import Invalid, Match, Rule
from ...scopes import Scopes, Variable

_INSTANCES = ("Clone", "WaitForChild", "FindFirstChild", "FindFirstChildOfClass", "FindFirstChildWhichIsA")


class DestroyedThenUsed(Rule):
    """An instance that is changed after `Destroy`.

    `Destroy` locks the parent: to set `Parent` again is an error, and any other change goes unseen, since nothing
    brings the instance back. Keep it with `Parent = nil` where it comes back later, or make the change before.
    Reported where the variable is known to hold an instance.
    """

    severity = "warning"
    message = "this is used again after it is destroyed"
    query = """
      (function_call name: (method_index_expression
        table: (identifier) @object method: (identifier) @method (#eq? @method "Destroy"))) @here
    """
    valid = (
        'local part = Instance.new("Part")\npart.Parent = workspace\npart:Destroy()\nprint(part.Name)',
        'local part = Instance.new("Part")\npart:Destroy()\npart = Instance.new("Part")\npart.Parent = workspace',
        "local maid = Maid.new()\nmaid:Destroy()\nmaid.job = nil",
        'local part = Instance.new("Part")\npart:ClearAllChildren()\npart.Parent = workspace',
    )
    invalid = (
        Invalid(
            """
local part = Instance.new("Part")
do
    part:Destroy()
--  ^^^^^^^^^^^^^^
    task.wait(1)
    part.Parent = workspace
end
"""
        ),
        Invalid(
            """
local door = script.Parent:WaitForChild("Door")
do
    door:Destroy()
--  ^^^^^^^^^^^^^^
    door.Transparency = 1
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        variable = match.document.scopes.variable(match["object"])
        if variable is None or not _is_instance(variable, match.document.scopes) or not is_statement(match["here"]):
            return False
        return next(_changes_after(match, variable), None) is not None

    def describe(self, match: Match) -> str:
        variable = match.document.scopes.variable(match["object"])
        change = next(_changes_after(match, variable)) if variable is not None else match["here"]
        return f"`{match.text('object')}` is destroyed here, but `{match.document.text(change)}` is set below"


def _is_instance(variable: Variable, scopes: Scopes) -> bool:
    value = variable.value
    if value is None or value.type != "function_call" or variable.writes:
        return False
    return method(value) in _INSTANCES or calls_builtin(value, "Instance.new", scopes)


def _changes_after(match: Match, variable: Variable) -> Iterator[Node]:
    """The properties that later statements of the same block set."""
    later = match.document.after(match["here"])
    while later is not None:
        if later.type == "assignment_statement":
            targets, values = later.named_children[0], later.named_children[-1]
            table = targets.named_children[0].child_by_field_name("table")
            if table in variable.reads and values.named_children[0].type != "nil":
                yield targets.named_children[0]
        later = match.document.after(later)
