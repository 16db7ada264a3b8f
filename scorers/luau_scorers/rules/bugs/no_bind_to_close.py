from __future__ import annotations

from tree_sitter import Node

from ...finding import Fix
from ...flow import calls, within
from ...handlers import function_meant, handler_given, parameters
from ...layout import lines_after, starts_line
from ...nodes import arguments, callee, is_statement
from ...rule import Invalid, Match, Rule
from ...stores import SAVES, store_uses
from ...syntax_tree import Document

_SAVE_ALL = """
game:BindToClose(function()
	for _, player in {players}:GetPlayers() do
		{save}(player)
	end
end)"""


class NoBindToClose(Rule):
    """Progress is saved when a player leaves, but not when the server shuts down.

    On a shutdown the server ends soon after the players are gone, and a save that is under way is cut off.
    `game:BindToClose` runs before that and holds the server for up to 30 seconds. The fix saves everybody there with
    the function that is connected already. Ordered stores alone, of which leaderboards are made, are left alone.
    """

    severity = "info"
    message = "a shutdown cuts these saves off: save in game:BindToClose as well"
    query = """
      (function_call name: (method_index_expression
        table: (dot_index_expression table: (_) @players
          field: (identifier) @event (#eq? @event "PlayerRemoving")) @here
        method: (identifier) @method (#any-of? @method "Connect" "ConnectParallel"))) @call
    """
    valid = (
        """
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
local function save(player)
	store:SetAsync(player.UserId, player.leaderstats.Coins.Value)
end
game.Players.PlayerRemoving:Connect(save)
game:BindToClose(function()
	for _, player in game.Players:GetPlayers() do
		save(player)
	end
end)
""",
        """
local store = game:GetService("DataStoreService"):GetOrderedDataStore("Top")
game.Players.PlayerRemoving:Connect(function(player)
	store:SetAsync(player.UserId, player.leaderstats.Coins.Value)
end)
""",
        'game:GetService("Players").PlayerRemoving:Connect(function(player)\n\tcoins[player] = nil\nend)',
        """
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
game.Players.PlayerAdded:Connect(function(player)
	store:SetAsync(player.UserId, 0)
end)
""",
        """
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
local function save(player)
	store:SetAsync(player.UserId, player.leaderstats.Coins.Value)
end
game.Players.PlayerRemoving:Once(save)
""",
    )
    invalid = (
        Invalid(
            """
local Players = game:GetService("Players")
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
local function save(player)
	store:SetAsync(player.UserId, player.leaderstats.Coins.Value)
end
do
    Players.PlayerRemoving:Connect(save)
--  ^^^^^^^^^^^^^^^^^^^^^^
end
""",
            fixed="""
local Players = game:GetService("Players")
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
local function save(player)
	store:SetAsync(player.UserId, player.leaderstats.Coins.Value)
end
do
    Players.PlayerRemoving:Connect(save)

    game:BindToClose(function()
        for _, player in Players:GetPlayers() do
            save(player)
        end
    end)
end
""",
        ),
        Invalid(
            """
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
local function save(id, coins)
	store:SetAsync(id, coins)
end
do
    game.Players.PlayerRemoving:Connect(function(player)
--  ^^^^^^^^^^^^^^^^^^^^^^^^^^^
        save(player.UserId, 1)
    end)
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        function = handler_given(match["call"], match.document.scopes)
        document = match.document
        if function is None or document.mentions(b"BindToClose") or not document.mentions(b"GetDataStore"):
            return False
        return _saves(function, match.document)

    def fix(self, match: Match) -> Fix | None:
        save = arguments(match["call"])[0]
        function = function_meant(save, match.document.scopes)
        if save.type != "identifier" or function is None or len(parameters(function)) != 1:
            return None
        if not is_statement(match["call"]) or not starts_line(match["call"], match.document):
            return None
        lines = _SAVE_ALL.format(players=match.text("players"), save=match.document.text(save))
        return Fix("Save everybody on shutdown", (lines_after(match["call"], lines, match.document),), safe=False)


def _saves(function: Node, document: Document) -> bool:
    """Whether this function saves to a DataStore, itself or through a function of the file that it calls."""
    if any(store_uses(function, SAVES, document)):
        return True
    called = [function_meant(callee(call), document.scopes) for call in calls(function)]
    outside = [each for each in called if each is not None and not within(each, function)]
    return any(any(store_uses(each, SAVES, document)) for each in outside)
