from __future__ import annotations

from ...finding import Edit, Fix
from ...rule import Invalid, Match, Rule
from ...statements import removal


class SelfAssignment(Rule):
    """A local variable set to itself.

    Nothing changes, so that most likely another name is meant on one side. The fix takes the statement away; it is
    safe.
    """

    severity = "info"
    message = "this changes nothing: both sides are the same variable"
    query = """
      (assignment_statement
        (variable_list . (identifier) @left .)
        (expression_list . (identifier) @right .) (#eq? @left @right)) @here
    """
    valid = (
        "local speed, limit = 1, 2\nspeed = limit",
        "local print = print",
        "Config = Config",
        "local self = {}\nself.speed = self.speed",
    )
    invalid = (
        Invalid(
            """
local function new(speed)
    speed = speed
--  ^^^^^^^^^^^^^
    return { speed = speed }
end
print(new(1))
""",
            fixed="""
local function new(speed)
    return { speed = speed }
end
print(new(1))
""",
        ),
    )

    def check(self, match: Match) -> bool:
        parent = match["here"].parent
        declares = parent is not None and parent.type == "variable_declaration"
        return not declares and match.document.scopes.variable(match["left"]) is not None

    def fix(self, match: Match) -> Fix | None:
        edit: Edit | None = removal(match["here"], match.document)
        return Fix("Remove it", (edit,)) if edit is not None else None
