from __future__ import annotations

from ...finding import Fix
from ...flow import always_runs, calls, waits
from ...handlers import function_meant
from ...layout import lines_after, starts_line
from ...nodes import FUNCTIONS, ancestors, arguments, is_statement
from ...rule import Invalid, Match, Rule

_CATCH_UP = "for _, player in {players}:GetPlayers() do\n\ttask.spawn({handler}, player)\nend"


class PlayerAddedAfterYield(Rule):
    """`PlayerAdded` connected after a wait, with no look at who is there already.

    Whoever joined during the wait never gets their handler: no stats, no data. Connect before anything waits, and run
    the handler for each of `Players:GetPlayers()` as well, which is right in any order.
    """

    severity = "info"
    message = "whoever joined during the wait above is missed: go through Players:GetPlayers() as well"
    query = """
      (function_call name: (method_index_expression
        table: (dot_index_expression table: (_) @players field: (identifier) @event (#eq? @event "PlayerAdded")) @here
        method: (identifier) @method (#any-of? @method "Connect" "ConnectParallel"))) @call
    """
    valid = (
        """
task.wait(1)
game.Players.PlayerAdded:Connect(print)
for _, player in game.Players:GetPlayers() do
	print(player)
end
""",
        "game.Players.PlayerAdded:Connect(print)\ntask.wait(1)",
        "task.wait(1)\ngame.Players.PlayerRemoving:Connect(print)",
        "task.wait(1)\nlocal player = game.Players.PlayerAdded:Once(print)",
    )
    invalid = (
        Invalid(
            """
local function onPlayerAdded(player)
    print(player)
end
task.wait(5)
do
    game.Players.PlayerAdded:Connect(onPlayerAdded)
--  ^^^^^^^^^^^^^^^^^^^^^^^^
end
""",
            fixed="""
local function onPlayerAdded(player)
    print(player)
end
task.wait(5)
do
    game.Players.PlayerAdded:Connect(onPlayerAdded)
    for _, player in game:GetService("Players"):GetPlayers() do
        task.spawn(onPlayerAdded, player)
    end
end
""",
        ),
    )

    def check(self, match: Match) -> bool:
        call, document = match["call"], match.document
        if document.mentions(b"GetPlayers") or any(above.type in FUNCTIONS for above in ancestors(call)):
            return False
        above = (each for each in document.statements() if each.type not in FUNCTIONS)
        inside = (each for statement in above for each in calls(statement, skip=FUNCTIONS))
        before = (each for each in inside if each.end_byte <= call.start_byte)
        return any(waits(each, document.scopes) and always_runs(each, document.root) for each in before)

    def fix(self, match: Match) -> Fix | None:
        call, document = match["call"], match.document
        handler = arguments(call)[0]
        if handler.type != "identifier" or function_meant(handler, document.scopes) is None:
            return None
        if not is_statement(call) or not starts_line(call, document):
            return None
        by_index = match["players"].type == "dot_index_expression"
        players = 'game:GetService("Players")' if by_index else match.text("players")
        lines = _CATCH_UP.format(players=players, handler=document.text(handler))
        return Fix("Handle who is there already", (lines_after(call, lines, document),), safe=False)
