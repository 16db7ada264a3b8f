from __future__ import annotations

from tree_sitter import Node

from ...connections import dropped, outlives
from ...flow import always_runs, asks_state, calls, conditions_before
from ...handlers import handlers
from ...nodes import enclosing_function, method
from ...rule import Invalid, Match, Rule
from ...scopes import Scopes
from ...words import words

_AGAIN = words("""
    PlayerAdded CharacterAdded CharacterAppearanceLoaded OnServerEvent Touched Equipped ChildAdded DescendantAdded
    Heartbeat Stepped RenderStepped PreRender PreSimulation PostSimulation InputBegan InputEnded MouseButton1Click
    MouseClick Triggered Chatted
    """)
_ENDS_IT = words("Destroy Disconnect DisconnectAll Cleanup DoCleaning Clean")


class ConnectionInHandler(Rule):
    """An event connected inside a handler that runs again and again.

    Each run adds one more connection to the same object, and nothing ever disconnects them: after ten respawns the
    inner function runs ten times per event. Connect it once, outside, or keep what `Connect` returns and disconnect
    it before. Reported where the object is there before the handler runs and the connection is thrown away.
    """

    severity = "warning"
    message = "each run of the handler adds one more connection here, and nothing disconnects them"
    query = """
      (function_call name: (method_index_expression table: (dot_index_expression) @here
        method: (identifier) @method (#any-of? @method "Connect" "ConnectParallel"))) @call
    """
    valid = (
        """
game.Players.PlayerAdded:Connect(function(player)
	player.CharacterAdded:Connect(function(character)
		character.Humanoid.Died:Connect(print)
	end)
end)
""",
        """
local RunService = game:GetService("RunService")
local connection
player.CharacterAdded:Connect(function(character)
	if connection then
		connection:Disconnect()
	end
	connection = RunService.Heartbeat:Connect(step)
end)
""",
        """
local RunService = game:GetService("RunService")
local started = false
tool.Equipped:Connect(function()
	if started then
		return
	end
	started = true
	RunService.Heartbeat:Connect(print)
end)
""",
        'tool.Equipped:Connect(function()\n\tgame:GetService("RunService").Heartbeat:Once(print)\nend)',
    )
    invalid = (
        Invalid(
            """
local RunService = game:GetService("RunService")
player.CharacterAdded:Connect(function(character)
    RunService.Heartbeat:Connect(function()
--  ^^^^^^^^^^^^^^^^^^^^
        character.Head.Color = Color3.new()
    end)
end)
"""
        ),
        Invalid(
            """
local Remotes = game:GetService("ReplicatedStorage")
local function onPlayerAdded(player)
    Remotes.Buy.OnServerEvent:Connect(function(buyer)
--  ^^^^^^^^^^^^^^^^^^^^^^^^^
        print(buyer, player)
    end)
end
game.Players.PlayerAdded:Connect(onPlayerAdded)
"""
        ),
    )

    def check(self, match: Match) -> bool:
        call, scopes = match["call"], match.document.scopes
        function = enclosing_function(call)
        if function is None or not dropped(call) or not always_runs(call, function):
            return False
        return _runs_again(function, scopes) and outlives(call, function, scopes) and not _once(call, function, scopes)

    def describe(self, match: Match) -> str:
        return f"each run of the handler connects `{match.text('here')}` once more, and nothing disconnects it"


def _runs_again(function: Node, scopes: Scopes) -> bool:
    served = list(handlers(function, scopes))
    return any(handler.event in _AGAIN and method(handler.connect) != "Once" for handler in served)


def _once(call: Node, function: Node, scopes: Scopes) -> bool:
    """Whether the handler may run to this line only once, or ends what it serves."""
    if any(asks_state(condition, function, scopes) for condition in conditions_before(call, function)):
        return True
    return any(method(each) in _ENDS_IT for each in calls(function))
