from __future__ import annotations

from tree_sitter import Node

from ...finding import Fix
from ...flow import always_runs, calls, job, waits
from ...handlers import first_parameter_of, function_meant
from ...layout import lines_after, starts_line
from ...nodes import arguments, descendants, enclosing_function, is_statement, text
from ...rule import Invalid, Match, Rule
from ...scopes import Scopes

_SPAWNS = (b"LoadCharacter", b"CharacterAutoLoads")


class CharacterAddedAfterYield(Rule):
    """`CharacterAdded` connected in a `PlayerAdded` handler after a wait or a DataStore request.

    The first character often spawns during the wait, and then the handler misses it until the player dies once.
    Connect before anything waits, or look at `player.Character` as well. The fix does that.
    """

    severity = "info"
    message = "the first character may have spawned during the wait above: connect before it, or look at Character too"
    query = """
      (function_call name: (method_index_expression
        table: (dot_index_expression table: (identifier) @player
          field: (identifier) @event (#eq? @event "CharacterAdded")) @here
        method: (identifier) @method (#any-of? @method "Connect" "ConnectParallel"))) @call
    """
    valid = (
        """
game.Players.PlayerAdded:Connect(function(player)
	player.CharacterAdded:Connect(print)
	task.wait(1)
end)
""",
        """
game.Players.PlayerAdded:Connect(function(player)
	task.wait(1)
	if player.Character then
		print(player.Character)
	end
	player.CharacterAdded:Connect(print)
end)
""",
        """
game.Players.PlayerAdded:Connect(function(player)
	task.wait(1)
	player.CharacterRemoving:Connect(print)
	player.CharacterAdded:Once(print)
end)
""",
    )
    invalid = (
        Invalid(
            """
local function onPlayerAdded(player)
    local ok, coins = pcall(function()
        return store:GetAsync(player.UserId)
    end)
    print(ok, coins)
    player.CharacterAdded:Connect(onCharacterAdded)
--  ^^^^^^^^^^^^^^^^^^^^^
end
game.Players.PlayerAdded:Connect(onPlayerAdded)
"""
        ),
        Invalid(
            """
local function onCharacterAdded(character)
    print(character)
end
game.Players.PlayerAdded:Connect(function(player)
    task.wait(2)
    player.CharacterAdded:Connect(onCharacterAdded)
--  ^^^^^^^^^^^^^^^^^^^^^
end)
""",
            fixed="""
local function onCharacterAdded(character)
    print(character)
end
game.Players.PlayerAdded:Connect(function(player)
    task.wait(2)
    player.CharacterAdded:Connect(onCharacterAdded)
    if player.Character then
        onCharacterAdded(player.Character)
    end
end)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        call, scopes = match["call"], match.document.scopes
        function = enclosing_function(call)
        variable = scopes.variable(match["player"])
        if function is None or match.document.mentions(*_SPAWNS):
            return False
        if variable is None or enclosing_function(variable.declared) != function:
            return False
        if not first_parameter_of(variable, ("PlayerAdded",), scopes):
            return False
        return not _looks(match.text("player"), function) and _waits_before(call, function, scopes)

    def fix(self, match: Match) -> Fix | None:
        call, document, player = match["call"], match.document, match.text("player")
        handler = arguments(call)[0]
        if handler.type != "identifier" or function_meant(handler, document.scopes) is None:
            return None
        if not is_statement(call) or not starts_line(call, document):
            return None
        lines = f"if {player}.Character then\n\t{document.text(handler)}({player}.Character)\nend"
        return Fix("Handle the character that is there already", (lines_after(call, lines, document),), safe=False)


def _looks(player: str, function: Node) -> bool:
    return any(text(node) == f"{player}.Character" for node in descendants(function))


def _waits_before(call: Node, function: Node, scopes: Scopes) -> bool:
    """Whether something above in the handler is known to wait, under ``pcall`` or not."""
    for each in calls(function):
        if each.end_byte <= call.start_byte and waits(each, scopes) and job(each, scopes) == function:
            guarded = enclosing_function(each)
            if always_runs(each if guarded is None or guarded == function else guarded, function):
                return True
    return False
