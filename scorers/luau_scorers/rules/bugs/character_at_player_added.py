from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix, Span
from ...flow import always_runs, calls_unknown, indexed, local_of, reads_within, statement, waits
from ...handlers import first_parameter_of
from ...layout import lines_before, starts_line
from ...nodes import FUNCTIONS, descendants, enclosing_function, method, text
from ...rule import Invalid, Match, Rule
from ...scopes import Scopes
from ...words import words

_QUICK = words("""
    Connect Once GetService FindFirstChild FindFirstChildOfClass GetAttribute SetAttribute Clone IsA GetPlayers
    FireClient FireAllClients
    """)


class CharacterAtPlayerAdded(Rule):
    """`player.Character` used in a `PlayerAdded` handler, where it is still nil.

    The character spawns later, and anew after each death. Connect `CharacterAdded` for what must happen at every
    spawn. The fix waits for the first character.
    """

    severity = "warning"
    message = "the character is still nil when PlayerAdded fires: use CharacterAdded"
    query = """
      (dot_index_expression table: (identifier) @player field: (identifier) @field (#eq? @field "Character")) @here
    """
    valid = (
        """
game.Players.PlayerAdded:Connect(function(player)
	player.CharacterAdded:Connect(function(character)
		player.Character.Humanoid.WalkSpeed = 32
	end)
end)
""",
        """
game.Players.PlayerAdded:Connect(function(player)
	local character = player.Character or player.CharacterAdded:Wait()
	print(character.Name, player.UserId.Name)
	player.Character.Humanoid.WalkSpeed = 32
end)
""",
        """
game.Players.PlayerAdded:Connect(function(player)
	if player.Character then
		player.Character.Humanoid.WalkSpeed = 32
	end
	player.PlayerGui.Shop:Destroy()
end)
""",
    )
    invalid = (
        Invalid(
            """
do
    game.Players.PlayerAdded:Connect(function(player)
        player.Character.Humanoid.WalkSpeed = 32
--      ^^^^^^^^^^^^^^^^
    end)
end
""",
            fixed="""
do
    game.Players.PlayerAdded:Connect(function(player)
        local character = player.Character or player.CharacterAdded:Wait()
        character.Humanoid.WalkSpeed = 32
    end)
end
""",
        ),
        Invalid(
            """
local function onPlayerAdded(player)
    local body = player.Character
--               ^^^^^^^^^^^^^^^^
    body:MoveTo(Vector3.zero)
end
game.Players.PlayerAdded:Connect(onPlayerAdded)
""",
            fixed="""
local function onPlayerAdded(player)
    local body = player.Character or player.CharacterAdded:Wait()
    body:MoveTo(Vector3.zero)
end
game.Players.PlayerAdded:Connect(onPlayerAdded)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        here, scopes = match["here"], match.document.scopes
        variable, function = scopes.variable(match["player"]), enclosing_function(here)
        if variable is None or function is None or enclosing_function(variable.declared) != function:
            return False
        if not first_parameter_of(variable, ("PlayerAdded",), scopes) or not always_runs(here, function):
            return False
        return _indexes(here, scopes) and not _may_have_spawned(here, function, scopes)

    def fix(self, match: Match) -> Fix | None:
        here, document, player = match["here"], match.document, match.text("player")
        wait = f" or {player}.CharacterAdded:Wait()"
        if local_of(here) is not None:
            return Fix("Wait for the character", (Edit(Span(here.end_byte, here.end_byte), wait),), safe=False)
        outer = statement(here)
        if document.scopes.is_declared("character") or not starts_line(outer, document):
            return None
        declare = lines_before(outer, f"local character = {player}.Character{wait}", document)
        return Fix("Wait for the character", (declare, Edit(match.span("here"), "character")), safe=False)


def _indexes(here: Node, scopes: Scopes) -> bool:
    """Whether something of the character is asked for, at once or as the first thing done with its local."""
    name = local_of(here)
    if name is None:
        return indexed(here) is not None
    variable, function = scopes.variable(name), enclosing_function(here)
    if variable is None or function is None or variable.writes or not variable.reads:
        return False
    first = reads_within(variable, function)[0]
    return indexed(first) is not None and always_runs(first, function)


def _may_have_spawned(here: Node, function: Node, scopes: Scopes) -> bool:
    """Whether a wait, a spawn or a look at the character comes before."""
    inside = [node for node in descendants(function, skip=FUNCTIONS) if node.end_byte <= here.start_byte]
    if any(text(node) == text(here) for node in inside):
        return True
    return any(_takes_time(node, scopes) for node in inside if node.type == "function_call")


def _takes_time(call: Node, scopes: Scopes) -> bool:
    if name := method(call):
        return name not in _QUICK
    return waits(call, scopes) or calls_unknown(call, scopes)
