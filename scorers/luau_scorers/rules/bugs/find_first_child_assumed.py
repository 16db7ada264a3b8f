from __future__ import annotations

from tree_sitter import Node

from ...child_lookups import may_be_nil
from ...flow import always_runs, indexed
from ...nodes import BODIES, ancestors
from ...rule import Invalid, Match, Rule
from ...scopes import Variable


class FindFirstChildAssumed(Rule):
    """The result of `FindFirstChild` kept in a local and used without a check.

    It is nil where there is no such child, and the script then stops at a later line. Test it, use `WaitForChild`
    where the child comes later, or index directly where it must be there: the error names what is missing then.
    Reported where the first thing done with the local is to index it.
    """

    severity = "info"
    message = "this may be nil: check it before you use it"
    query = """
      (variable_declaration (assignment_statement
        (variable_list . name: (identifier) @local)
        (expression_list . value: (function_call name: (method_index_expression
          method: (identifier) @method (#any-of? @method "FindFirstChild" "FindFirstChildOfClass"
            "FindFirstChildWhichIsA" "FindFirstAncestor" "FindFirstAncestorOfClass"))) @here .)))
    """
    valid = (
        'local part = workspace:FindFirstChild("Part")\nif part then\n\tpart:Destroy()\nend',
        'local humanoid = character:WaitForChild("Humanoid")\nhumanoid:TakeDamage(10)',
        'local part = workspace:FindFirstChild("Part")\nassert(part, "no part")\npart:Destroy()',
        'local part = workspace:FindFirstChild("Part")\nprint(part and part.Name)\npart:Destroy()',
        'local part = workspace:FindFirstChild("Part")\nif ready then\n\tpart:Destroy()\nend',
        """
if not workspace:FindFirstChild("Part") then
	return
end
local part = workspace:FindFirstChild("Part")
part:Destroy()
""",
    )
    invalid = (
        Invalid(
            """
local function kill(character)
    local humanoid = character:FindFirstChildOfClass("Humanoid")
--                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    humanoid.Health = 0
end
kill(script.Parent)
"""
        ),
    )

    def check(self, match: Match) -> bool:
        scopes = match.document.scopes
        return _indexed_first(scopes.variable(match["local"]), match["here"]) and may_be_nil(match["here"], scopes)

    def describe(self, match: Match) -> str:
        return f"this may be nil: check `{match.text('local')}` before you use it"


def _indexed_first(variable: Variable | None, here: Node) -> bool:
    """Whether nothing asks whether there is anything in the local before it is indexed."""
    body = next((node for node in ancestors(here) if node.type in BODIES), None)
    if variable is None or body is None or variable.writes or not variable.reads:
        return False
    first = min(variable.reads, key=lambda read: read.start_byte)
    return indexed(first) is not None and always_runs(first, body)
