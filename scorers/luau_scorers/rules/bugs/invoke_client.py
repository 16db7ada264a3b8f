from __future__ import annotations

from ...nodes import FUNCTIONS, ancestors, callee, text
from ...rule import Invalid, Match, Rule
from ...words import words

_THREADS = words("task.spawn task.defer task.delay coroutine.wrap coroutine.create Promise.new Promise.try")


class InvokeClient(Rule):
    """The server waits for a client's answer.

    `InvokeClient` returns when the client answers: a client that never does holds this thread for ever, one that
    leaves makes it an error, and an exploiter returns what they like. Fire an event and let the client fire one back,
    or do it on a thread of its own with a time limit.
    """

    severity = "info"
    message = "a client that never answers holds this thread for ever: use two events, or a thread with a time limit"
    query = """
      (function_call name: (method_index_expression method: (identifier) @here (#eq? @here "InvokeClient"))) @call
    """
    valid = (
        "remote:FireClient(player, question)",
        """
task.spawn(function()
	answers[player] = remote:InvokeClient(player, question)
end)
""",
    )
    invalid = (
        Invalid(
            """
local function ask(player)
    return remote:InvokeClient(player, "ready?")
--                ^^^^^^^^^^^^
end
print(ask(player))
"""
        ),
    )

    def check(self, match: Match) -> bool:
        around = [node for node in ancestors(match["call"]) if node.type in FUNCTIONS]
        calls = [node.parent.parent for node in around if node.parent is not None]
        return not any(call is not None and text(callee(call)) in _THREADS for call in calls)
