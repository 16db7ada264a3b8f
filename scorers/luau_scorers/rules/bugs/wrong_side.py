from __future__ import annotations

from ...roblox_api import Api
from ...rule import Invalid, Match, Rule
from ...side import needs, side_of

_WHERE = {
    "server": "is for the server, and this code runs on a client",
    "client": "is for clients, and this code runs on the server",
}


class WrongSide(Rule):
    """Something that only the server can do, in code that runs on a client, or the other way round.

    It raises an error there, does nothing, or is nil, as `LocalPlayer` is on the server. Send the other side a message
    through a RemoteEvent; on the server take the player from the event's first parameter.
    Only where it is certain which side the code runs on: the file's name or folder tells, the code serves an event that
    only one side has, such as `OnServerEvent`, or the file's main body begins with what would stop it on the other.
    A file that asks `RunService:IsServer()` or the like is left alone.
    """

    severity = "warning"
    message = "this is for the other side"
    query = """
      [(dot_index_expression field: (_) @here) (method_index_expression method: (_) @here)] @index
    """
    valid = (
        "remote.OnServerEvent:Connect(function(player) remote:FireClient(player) end)",
        "remote.OnClientEvent:Connect(function() remote:FireServer() end)",
        "remote:FireAllClients()",
        "print(game:GetService('Players').LocalPlayer)",
    )
    invalid = (
        Invalid(
            """
remote.OnClientEvent:Connect(function()
    remote:FireAllClients()
--         ^^^^^^^^^^^^^^
end)
"""
        ),
        Invalid(
            """
local Players = game:GetService("Players")
local DataStoreService = game:GetService("DataStoreService")
local gui = Players.LocalPlayer:WaitForChild("PlayerGui")
local store = DataStoreService:GetDataStore("Coins")
--                             ^^^^^^^^^^^^
"""
        ),
        Invalid(
            """
local Players = game:GetService("Players")
remote.OnServerEvent:Connect(function()
    local player = Players.LocalPlayer
--                         ^^^^^^^^^^^
    print(player.Name)
end)
"""
        ),
    )

    def check(self, match: Match) -> bool:
        index, document = match["index"], match.document
        needed = needs(index, document)
        return needed is not None and side_of(index, document) not in (needed, None)

    def describe(self, match: Match) -> str:
        where = _WHERE[needs(match["index"], match.document) or "server"]
        return f"`{match.text('here')}` {where} ({Api.load().stamp})"
