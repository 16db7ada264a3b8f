from __future__ import annotations

from tree_sitter import Node

from ...connections import dropped, outlives
from ...flow import always_runs
from ...nodes import FUNCTIONS, LOOPS, ancestors, descendants
from ...rule import Invalid, Match, Rule


class ConnectionInLoop(Rule):
    """An event connected in a loop that goes on and on.

    Each turn adds one more connection to the same object, and nothing ever disconnects them: the handler runs twice
    per event after the second turn, three times after the third. Connect it before the loop.
    """

    severity = "warning"
    message = "each turn of the loop adds one more connection here, and nothing disconnects them"
    query = """
      (function_call name: (method_index_expression table: (dot_index_expression) @here
        method: (identifier) @method (#any-of? @method "Connect" "ConnectParallel"))) @call
    """
    valid = (
        "for _, button in buttons do\n\tbutton.Activated:Connect(print)\nend",
        "while true do\n\tlocal part = spawnPart()\n\tpart.Touched:Connect(print)\n\ttask.wait(1)\nend",
        "local part = script.Parent\nwhile true do\n\tpart.Touched:Connect(print)\n\tbreak\nend",
        "local part = script.Parent\nwhile true do\n\tpart.Touched:Once(print)\n\ttask.wait(9)\nend",
    )
    invalid = (
        Invalid(
            """
local part = script.Parent
while true do
    part.Touched:Connect(function(hit)
--  ^^^^^^^^^^^^
        print(hit)
    end)
    task.wait(1)
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        call = match["call"]
        loop = next((above for above in ancestors(call) if above.type in (*LOOPS, *FUNCTIONS)), None)
        if loop is None or loop.type != "while_statement" or not dropped(call):
            return False
        body = loop.child_by_field_name("body")
        if body is None or not always_runs(call, body) or _may_leave(body):
            return False
        return outlives(call, body, match.document.scopes)


def _may_leave(body: Node) -> bool:
    inside = descendants(body, skip=FUNCTIONS)
    return any(node.type in ("break_statement", "return_statement") for node in inside)
