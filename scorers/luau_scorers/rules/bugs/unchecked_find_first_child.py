from __future__ import annotations

from ...child_lookups import may_be_nil
from ...rule import Invalid, Match, Rule


class UncheckedFindFirstChild(Rule):
    """The result of `FindFirstChild` used at once, without a check.

    It is nil where there is no such child, and indexing nil stops the script. Keep the result in a local and test it,
    use `WaitForChild` where the child comes later, or index directly where it must be there.
    """

    severity = "info"
    message = "this may be nil: keep it in a local and check it before you use it"
    query = """
      (_ table: (function_call name: (method_index_expression
        method: (identifier) @method (#any-of? @method "FindFirstChild" "FindFirstChildOfClass"
          "FindFirstChildWhichIsA" "FindFirstAncestor" "FindFirstAncestorOfClass"))) @here)
    """
    valid = (
        'local part = workspace:FindFirstChild("Part")\nif part then part:Destroy() end',
        'if workspace:FindFirstChild("Part") then\n\tworkspace:FindFirstChild("Part"):Destroy()\nend',
        'pcall(function() workspace:FindFirstChild("Part"):Destroy() end)',
        'character:WaitForChild("Humanoid"):TakeDamage(10)',
        'local Utils = script.Parent:FindFirstChild("Utils").Value\nprint(Utils)',
        """
player.CharacterAdded:Connect(function(character)
	character:FindFirstChildOfClass("Humanoid").WalkSpeed = 32
end)
""",
    )
    invalid = (
        Invalid(
            """
do
   workspace:FindFirstChild("Part"):Destroy()
-- ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
end
"""
        ),
        Invalid(
            """
local function kill(character)
    character:FindFirstChildOfClass("Humanoid").Health = 0
--  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
end
kill(script.Parent)
"""
        ),
    )

    def check(self, match: Match) -> bool:
        return may_be_nil(match["here"], match.document.scopes)
