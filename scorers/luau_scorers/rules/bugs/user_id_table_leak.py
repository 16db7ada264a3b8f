from __future__ import annotations

from ...player_tables import ever_cleared, is_first_fill, is_handed_in, kept_table
from ...rule import Invalid, Match, Rule


class UserIdTableLeak(Rule):
    """A table keyed by `UserId` from which nothing is ever taken out.

    It grows with everybody who ever joins this server. Where the entry is meant to outlast a rejoin that is fine for
    small values; else set it to nil on `PlayerRemoving`.
    """

    severity = "info"
    message = "this table grows with everybody who joins: clear the entry on PlayerRemoving"
    query = """
      (assignment_statement (variable_list name: (bracket_index_expression
        table: (identifier) @table
        field: (dot_index_expression table: (identifier) @player field: (identifier) @id (#eq? @id "UserId"))) @here))
    """
    valid = (
        """
local joined = {}
game.Players.PlayerAdded:Connect(function(player)
	joined[player.UserId] = os.clock()
end)
game.Players.PlayerRemoving:Connect(function(player)
	joined[player.UserId] = nil
end)
""",
        "local mine = {}\nlocal me = game.Players.LocalPlayer\nmine[me.UserId] = true",
        """
local byTeam = {}
game.Players.PlayerAdded:Connect(function(player)
	byTeam[player.Team] = true
end)
""",
    )
    invalid = (
        Invalid(
            """
local joined = {}
game.Players.PlayerAdded:Connect(function(player)
    joined[player.UserId] = {}
--  ^^^^^^^^^^^^^^^^^^^^^
end)
"""
        ),
    )

    def check(self, match: Match) -> bool:
        scopes = match.document.scopes
        table = kept_table(match["table"], scopes)
        if table is None or not is_handed_in(match["player"], scopes):
            return False
        return is_first_fill(match["here"], table) and not ever_cleared(table)
