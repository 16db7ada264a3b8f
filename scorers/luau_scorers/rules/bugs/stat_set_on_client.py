from __future__ import annotations

from ...rule import Invalid, Match, Rule
from ...side import side_of


class StatSetOnClient(Rule):
    """A client that sets a value in `leaderstats`.

    What a client changes stays on that client: the server, the other players and the saved data keep the old value.
    Ask the server through a RemoteEvent, and let it decide. Only where the code certainly runs on a client.
    """

    severity = "warning"
    message = "only this client sees the change: set leaderstats on the server"
    query = """
      (variable_list name: (dot_index_expression
        table: (_) @object
        field: (identifier) @here (#eq? @here "Value")))
    """
    valid = (
        "player.leaderstats.Coins.Value += 1",
        "remote.OnClientEvent:Connect(function() player.Settings.Volume.Value = 1 end)",
        "remote.OnClientEvent:Connect(function() player.leaderstats.Coins.Name = 'Coins' end)",
    )
    invalid = (
        Invalid(
            """
remote.OnClientEvent:Connect(function(amount)
    player.leaderstats.Coins.Value += amount
--                           ^^^^^
end)
"""
        ),
    )

    def check(self, match: Match) -> bool:
        return "leaderstats" in match.text("object") and side_of(match["here"], match.document) == "client"
