from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix, Span
from ...player_tables import ever_cleared, is_first_fill, is_handed_in, kept_table
from ...rule import Invalid, Match, Rule


class PlayerTableLeak(Rule):
    """A table keyed by players from which nobody is ever taken out.

    The table keeps each `Player` that has left alive, with all that hangs on it, for as long as the server runs. Set
    the entry to nil on `PlayerRemoving`. Reported where the table is the file's own and nothing in it clears it; weak
    tables are left alone. The fix adds the handler at the end of the file.
    """

    severity = "warning"
    message = "nothing takes players who leave out of this table: clear the entry on PlayerRemoving"
    query = """
      (assignment_statement (variable_list name: (bracket_index_expression
        table: (identifier) @table field: (identifier) @player (#any-of? @player "player" "plr" "Player" "Plr")) @here))
    """
    valid = (
        """
local close = {}
local function show(player, distance)
	close[player] = distance < 11 or nil
end
show(game.Players.LocalPlayer, 1)
""",
        """
local joined = {}
game.Players.PlayerAdded:Connect(function(player)
	joined[player] = os.clock()
end)
game.Players.PlayerRemoving:Connect(function(player)
	joined[player] = nil
end)
""",
        """
local joined = setmetatable({}, { __mode = "k" })
game.Players.PlayerAdded:Connect(function(player)
	joined[player] = os.clock()
end)
""",
        """
local cells = {}
grid.Changed:Connect(function(cell)
	cells[cell] = true
end)
""",
    )
    invalid = (
        Invalid(
            """
local Players = game:GetService("Players")
local joined = {}
Players.PlayerAdded:Connect(function(player)
    joined[player] = os.clock()
--  ^^^^^^^^^^^^^^
end)
""",
            fixed="""
local Players = game:GetService("Players")
local joined = {}
Players.PlayerAdded:Connect(function(player)
    joined[player] = os.clock()
end)

Players.PlayerRemoving:Connect(function(player)
	joined[player] = nil
end)
""",
        ),
        Invalid(
            """
local cooldowns = {}
remote.OnServerEvent:Connect(function(player)
    if (cooldowns[player] or 0) > 2 then return end
    cooldowns[player] = { 1 }
--  ^^^^^^^^^^^^^^^^^
end)
game.Players.PlayerRemoving:Connect(print)
return {}
"""
        ),
    )

    def check(self, match: Match) -> bool:
        scopes = match.document.scopes
        table = kept_table(match["table"], scopes)
        if table is None or not is_handed_in(match["player"], scopes):
            return False
        return is_first_fill(match["here"], table) and not ever_cleared(table)

    def fix(self, match: Match) -> Fix | None:
        document = match.document
        source, last = document.source, document.statements()[-1]
        if (
            document.mentions(b"PlayerRemoving")
            or last.type == "return_statement"
            or last.end_byte < len(source.rstrip())
        ):
            return None
        players = _players(match)
        lines = f"\n\n{players}.PlayerRemoving:Connect(function(player)\n\t{match.text('table')}[player] = nil\nend)"
        edit = Edit(Span(last.end_byte, last.end_byte), lines)
        return Fix("Clear it when the player leaves", (edit,), safe=False)


def _players(match: Match) -> str:
    """How this file speaks of the Players service."""
    for variable in match.document.scopes.shared():
        if _is_players(variable.value, match) and variable.declared.parent is not None:
            return variable.name
    return 'game:GetService("Players")'


def _is_players(value: Node | None, match: Match) -> bool:
    return value is not None and match.document.text(value) in ('game:GetService("Players")', "game.Players")
