from __future__ import annotations

from tree_sitter import Node

from ...flow import asks_state, conditions_before, sets_outer
from ...handlers import handler_given
from ...nodes import callee, descendants, text
from ...rule import Invalid, Match, Rule
from ...scopes import Scopes
from ...stores import REQUESTS, store_uses

_CLOCKS = ("os.clock", "os.time", "tick", "time", "workspace:GetServerTimeNow")


class RemoteWithoutRateLimit(Rule):
    """A remote that reaches a DataStore as often as a client fires it.

    An exploiter fires hundreds of times a second. DataStore requests are limited for the whole server, so everybody
    else's saves then wait or fail. Remember when each player last asked, and leave where that was a moment ago.
    """

    severity = "info"
    message = "a client can fire this as often as it likes and use up the DataStore's requests: limit the rate"
    query = """
      (function_call name: (method_index_expression
        table: (dot_index_expression field: (identifier) @event (#eq? @event "OnServerEvent")) @here
        method: (identifier) @method (#eq? @method "Connect"))) @call
    """
    valid = (
        """
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
local last = {}
saveRemote.OnServerEvent:Connect(function(player)
	if last[player] and os.clock() - last[player] < 10 then
		return
	end
	last[player] = os.clock()
	pcall(store.SetAsync, store, player.UserId, player.leaderstats.Coins.Value)
end)
""",
        """
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
resetRemote.OnServerEvent:Once(function(player)
	pcall(store.RemoveAsync, store, player.UserId)
end)
""",
        """
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
game.Players.PlayerRemoving:Connect(function(player)
	pcall(store.SetAsync, store, player.UserId, player.leaderstats.Coins.Value)
end)
""",
    )
    invalid = (
        Invalid(
            """
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
local function onSave(player)
    pcall(function()
        store:SetAsync(player.UserId, player.leaderstats.Coins.Value)
    end)
end
do
    saveRemote.OnServerEvent:Connect(onSave)
--  ^^^^^^^^^^^^^^^^^^^^^^^^
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        scopes = match.document.scopes
        function = handler_given(match["call"], scopes)
        request = next(store_uses(function, REQUESTS, match.document), None) if function is not None else None
        return function is not None and request is not None and not _limited(request, function, scopes)


def _limited(request: Node, function: Node, scopes: Scopes) -> bool:
    """Whether anything in the handler may be there to slow it down: a clock, a flag, a table of its own."""
    if any(asks_state(condition, function, scopes) for condition in conditions_before(request, function)):
        return True
    if any(node.type == "function_call" and text(callee(node)) in _CLOCKS for node in descendants(function)):
        return True
    return sets_outer(function, scopes)
