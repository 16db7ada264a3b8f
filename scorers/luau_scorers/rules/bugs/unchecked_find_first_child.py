from __future__ import annotations

from ...calls import guarded
from ...nodes import FUNCTIONS, ancestors, descendants, text
from ...rule import Invalid, Match, Rule


class UncheckedFindFirstChild(Rule):
    """The result of `FindFirstChild` used at once, without a check.

    It is nil where there is no such child, and indexing nil stops the script. Keep the result in a local and test it,
    use `WaitForChild` where the child comes later, or index directly where it must be there.
    """

    severity = "warning"
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
        'workspace:WaitForChild("Part"):Destroy()',
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
        here = match["here"]
        outer = next((node for node in ancestors(here) if node.type in FUNCTIONS or node.type == "chunk"), None)
        same = text(here)
        checked_before = outer is not None and any(
            node.start_byte < here.start_byte and node.type == "function_call" and text(node) == same
            for node in descendants(outer)
        )
        return not checked_before and not _in_pcall(match)


def _in_pcall(match: Match) -> bool:
    function = next((node for node in ancestors(match["here"]) if node.type in FUNCTIONS), None)
    if function is None or function.type != "function_definition":
        return False
    return (
        function.parent is not None
        and function.parent.type == "arguments"
        and guarded(match["here"], match.document.scopes)
    )
