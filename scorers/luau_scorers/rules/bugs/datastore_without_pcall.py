from __future__ import annotations

from ...calls import guarded
from ...nodes import receiver
from ...rule import Invalid, Match, Rule
from ...stores import is_store


class DatastoreWithoutPcall(Rule):
    """A DataStore call outside `pcall`.

    DataStores fail now and then: limits, outages, Studio without API access. The error then stops the handler half
    way, and a player's data is lost. Reported only where the store is known to come from `DataStoreService`.
    """

    severity = "warning"
    message = "DataStore calls fail now and then: wrap this in pcall and handle the failure"
    query = """
      (function_call name: (method_index_expression
        method: (identifier) @method
          (#any-of? @method "GetAsync" "SetAsync" "UpdateAsync" "IncrementAsync" "RemoveAsync" "GetSortedAsync"))) @here
    """
    valid = (
        """
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
local ok, coins = pcall(function()
	return store:GetAsync("key")
end)
local ok2, coins2 = pcall(store.GetAsync, store, "key")
""",
        "local data = cache:GetAsync(key)",
        'local stores = require(script.Mock)\nlocal store = stores:GetDataStore("Coins")\nprint(store:GetAsync("a"))',
        'local stores = game:GetService("DataStoreService")\nprint(stores:GetDataStore("Coins"):ListKeysAsync())',
        """
local store = game:GetService("DataStoreService"):GetDataStore("Coins")
local function load(key)
	return store:GetAsync(key)
end
local ok, coins = pcall(load, "key")
""",
    )
    invalid = (
        Invalid(
            """
local DataStoreService = game:GetService("DataStoreService")
local store = DataStoreService:GetDataStore("Coins")
game.Players.PlayerAdded:Connect(function(player)
    local coins = store:GetAsync(player.UserId)
--                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
end)
"""
        ),
        Invalid(
            """
local DataStoreService = game:GetService("DataStoreService")
local function save(key, value)
    DataStoreService:GetDataStore("Coins"):SetAsync(key, value)
--  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
end
save("a", 1)
"""
        ),
    )

    def check(self, match: Match) -> bool:
        document, store = match.document, receiver(match["here"])
        return store is not None and is_store(store, document) and not guarded(match["here"], document.scopes)
