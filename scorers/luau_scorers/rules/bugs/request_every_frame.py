from __future__ import annotations

from tree_sitter import Node

from ...nodes import FUNCTIONS, LOOPS, ancestors, arguments, calls_builtin, descendants
from ...rule import Invalid, Match, Rule
from ...scopes import Scopes

_WAITS = ("task.wait", "wait")
_BRANCHES = ("if_statement", "elseif_statement", "else_statement")


class RequestEveryFrame(Rule):
    """A request to a data store, a web server or the game's server in a loop that waits one frame.

    That is up to sixty requests a second. Roblox allows a few in a minute, so that the others wait in a queue or fail.
    Give `task.wait` a number of seconds. Reported only where the request is made on each turn of the loop.
    """

    severity = "warning"
    message = "this makes a request on every frame: give task.wait a number of seconds"
    query = """
      (function_call name: (method_index_expression method: (identifier) @method
        (#any-of? @method "GetAsync" "SetAsync" "UpdateAsync" "IncrementAsync" "RequestAsync" "PostAsync" "PublishAsync"
          "InvokeServer" "InvokeClient"))) @here
    """
    valid = (
        "while true do\n\tstore:GetAsync(key)\n\ttask.wait(60)\nend",
        "while true do\n\ttask.wait()\n\tif due() then\n\t\tstore:GetAsync(key)\n\tend\nend",
        "while true do\n\tlist:Get(key)\n\ttask.wait()\nend",
        "while waiting do\n\tstore:GetAsync(key)\n\tstep()\nend",
        "while true do\n\ttask.wait()\n\tevent:Connect(function() store:GetAsync(key) end)\nend",
        "repeat\n\tlocal ok = pcall(function() store:GetAsync(key) end)\n\ttask.wait()\nuntil ok",
    )
    invalid = (
        Invalid(
            """
while true do
    pcall(function()
        store:SetAsync(key, coins)
--      ^^^^^^^^^^^^^^^^^^^^^^^^^^
    end)
    task.wait()
end
"""
        ),
        Invalid(
            """
while task.wait() do
    local coins = remote:InvokeServer()
--                ^^^^^^^^^^^^^^^^^^^^^
    print(coins)
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        scopes = match.document.scopes
        loop = _loop(match["here"], scopes)
        if loop is None or loop.type != "while_statement":
            return False
        calls = [node for node in descendants(loop, skip=FUNCTIONS) if node.type == "function_call"]
        waits = [call for call in calls if any(calls_builtin(call, name, scopes) for name in _WAITS)]
        return bool(waits) and not any(arguments(wait) for wait in waits)


def _loop(request: Node, scopes: Scopes) -> Node | None:
    """The loop that makes this request on each of its turns."""
    for above in ancestors(request):
        if above.type in LOOPS:
            return above
        if above.type in _BRANCHES or (above.type in FUNCTIONS and not _in_pcall(above, scopes)):
            return None
    return None


def _in_pcall(function: Node, scopes: Scopes) -> bool:
    call = function.parent.parent if function.parent is not None else None
    return call is not None and call.type == "function_call" and calls_builtin(call, "pcall", scopes)
