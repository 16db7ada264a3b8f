from __future__ import annotations

from tree_sitter import Node

from ...finding import Fix
from ...flow import always_runs, reads_within
from ...handlers import first_parameter_of
from ...layout import lines_after, starts_line
from ...nodes import BODIES, ancestors, arguments, calls_builtin, enclosing_function, text
from ...rule import Invalid, Match, Rule
from ...scopes import Scopes

_EVENTS = ("PlayerAdded", "OnServerEvent", "Triggered", "MouseClick")


class StateAfterYield(Rule):
    """A player's character or stats used after a wait, without a look at whether they are still there.

    During the wait the player may leave or die. Their children are gone then, and the script stops with an error.
    Ask `player.Parent`, or `player.Character`, after the wait. Reported for waits of a second and more.
    """

    severity = "info"
    message = "the player may have left during the wait: check before you go on"
    query = """
      (_ table: (dot_index_expression table: (identifier) @player
        field: (identifier) @child (#any-of? @child "Character" "leaderstats")) @here)
    """
    valid = (
        """
remote.OnServerEvent:Connect(function(player)
	task.wait(5)
	if player.Parent then
		player.leaderstats.Coins.Value += 1
	end
end)
""",
        """
remote.OnServerEvent:Connect(function(player)
	task.wait(5)
	player.Cooldown.Value = 0
	player.leaderstats.Coins.Value += 1
	task.wait(5)
end)
""",
        """
local player = game.Players.LocalPlayer
task.wait(5)
player.Character.Humanoid.WalkSpeed = 16
""",
    )
    invalid = (
        Invalid(
            """
remote.OnServerEvent:Connect(function(player)
    task.wait(5)
    player.leaderstats.Coins.Value += 1
--  ^^^^^^^^^^^^^^^^^^
end)
""",
            fixed="""
remote.OnServerEvent:Connect(function(player)
    task.wait(5)
    if not player.Parent then
        return
    end
    player.leaderstats.Coins.Value += 1
end)
""",
        ),
        Invalid(
            """
game.Players.PlayerAdded:Connect(function(player)
    while true do
        task.wait(60)
        player.Character.Humanoid.Health = 100
--      ^^^^^^^^^^^^^^^^
    end
end)
""",
            fixed="""
game.Players.PlayerAdded:Connect(function(player)
    while true do
        task.wait(60)
        if not player.Character then
            return
        end
        player.Character.Humanoid.Health = 100
    end
end)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        here, scopes = match["here"], match.document.scopes
        variable = scopes.variable(match["player"])
        if variable is None or not first_parameter_of(variable, _EVENTS, scopes) or variable.writes:
            return False
        if enclosing_function(here) != enclosing_function(variable.declared):
            return False
        wait = _wait_before(here, scopes)
        if wait is None or wait.parent is None or not always_runs(here, wait.parent):
            return False
        since = [read for read in reads_within(variable, wait.parent) if wait.end_byte <= read.start_byte]
        return since[:1] == [match["player"]]

    def fix(self, match: Match) -> Fix | None:
        wait = _wait_before(match["here"], match.document.scopes)
        if wait is None or not starts_line(wait, match.document):
            return None
        asked = "Parent" if match.text("child") == "leaderstats" else "Character"
        check = f"if not {match.text('player')}.{asked} then\n\treturn\nend"
        return Fix("Leave if the player is gone", (lines_after(wait, check, match.document),), safe=False)


def _wait_before(node: Node, scopes: Scopes) -> Node | None:
    """The last ``task.wait(seconds)`` above a node that runs whenever the node does."""
    below = node
    for above in ancestors(node):
        if above.type in BODIES:
            before = [each for each in above.named_children if each.end_byte <= below.start_byte]
            return next((each for each in reversed(before) if _is_long_wait(each, scopes)), None)
        below = above
    return None


def _is_long_wait(call: Node, scopes: Scopes) -> bool:
    given = arguments(call)[:1] if call.type == "function_call" else []
    if not given or given[0].type != "number" or text(given[0]).startswith(("0", ".")):
        return False
    return calls_builtin(call, "task.wait", scopes) or calls_builtin(call, "wait", scopes)
