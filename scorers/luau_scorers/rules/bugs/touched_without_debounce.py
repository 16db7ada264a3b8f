from __future__ import annotations

from tree_sitter import Node

from ...finding import Fix
from ...flow import asks_state, calls, calls_unknown, operator, sets_outer, statement, within
from ...handlers import handler_given
from ...layout import lines_before, starts_line
from ...nodes import FUNCTIONS, arguments, callee, descendants, is_statement, method, text
from ...remotes import is_stat
from ...rule import Invalid, Match, Rule
from ...scopes import Scopes
from ...words import words

_SLOWS = words("Destroy Disconnect AddItem SetAttribute GetAttribute AddTag HasTag ClearAllChildren Remove")
_CLOCKS = ("os.clock", "os.time", "tick", "time", "Instance.new")
_SWITCHES = ("CanTouch", "Parent", "Enabled", "Disabled", "Position", "CFrame")
_DEBOUNCE = "if debounce then\n\treturn\nend\ndebounce = true\ntask.delay(1, function()\n\tdebounce = false\nend)"


class TouchedWithoutDebounce(Rule):
    """A `Touched` handler that gives or takes points with nothing that keeps it from doing so many times.

    `Touched` fires for every part of a character, again and again while it moves: one step on a coin gives ten or
    twenty. Remember that it was touched (a flag with `task.delay`, a table by player), or destroy the part.
    The fix adds a flag for one second; with many players use a table by player.
    """

    severity = "warning"
    message = "Touched fires many times for one touch: add a debounce"
    query = """
      (function_call name: (method_index_expression
        table: (dot_index_expression field: (identifier) @event (#eq? @event "Touched")) @here
        method: (identifier) @method (#any-of? @method "Connect" "ConnectParallel"))) @call
    """
    valid = (
        """
local touched = {}
coin.Touched:Connect(function(hit)
	local player = game.Players:GetPlayerFromCharacter(hit.Parent)
	if player and not touched[player] then
		touched[player] = true
		player.leaderstats.Coins.Value += 1
	end
end)
""",
        """
pad.Touched:Connect(function(hit)
	local stats = hit.Parent:FindFirstChild("leaderstats")
	if stats and stats.Apples.Value > 0 then
		stats.Coins.Value += stats.Apples.Value
		stats.Apples.Value = 0
	end
end)
""",
        """
coin.Touched:Connect(function(hit)
	local player = game.Players:GetPlayerFromCharacter(hit.Parent)
	if player then
		player.leaderstats.Coins.Value += 1
		coin:Destroy()
	end
end)
""",
        "coin.TouchEnded:Connect(function(hit)\n\tplayer.leaderstats.Coins.Value += 1\nend)",
        "coin.Touched:Once(function(hit)\n\tplayer.leaderstats.Coins.Value += 1\nend)",
    )
    invalid = (
        Invalid(
            """
local Players = game:GetService("Players")
do
    script.Parent.Touched:Connect(function(hit)
--  ^^^^^^^^^^^^^^^^^^^^^
        local player = Players:GetPlayerFromCharacter(hit.Parent)
        if player then
            player.leaderstats.Coins.Value += 1
        end
    end)
end
""",
            fixed="""
local Players = game:GetService("Players")
do
    local debounce = false
    script.Parent.Touched:Connect(function(hit)
        local player = Players:GetPlayerFromCharacter(hit.Parent)
        if player then
            if debounce then
                return
            end
            debounce = true
            task.delay(1, function()
                debounce = false
            end)
            player.leaderstats.Coins.Value += 1
        end
    end)
end
""",
        ),
        Invalid(
            """
local function onTouched(hit)
    local humanoid = hit.Parent:FindFirstChildOfClass("Humanoid")
    if humanoid then
        humanoid:TakeDamage(10)
    end
end
do
    script.Parent.Touched:Connect(onTouched)
--  ^^^^^^^^^^^^^^^^^^^^^
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        function = handler_given(match["call"], match.document.scopes)
        if function is None or _change(function) is None:
            return False
        return not _slowed(function, match.document.scopes)

    def fix(self, match: Match) -> Fix | None:
        document, call = match.document, match["call"]
        function = handler_given(call, document.scopes)
        change = _change(function) if function is not None else None
        if function is None or change is None or not within(function, call) or document.mentions(b"debounce"):
            return None
        if not is_statement(call) or not starts_line(call, document) or not starts_line(change, document):
            return None
        flag = lines_before(call, "local debounce = false", document)
        return Fix("Add a debounce", (flag, lines_before(change, _DEBOUNCE, document)), safe=False)


def _change(function: Node) -> Node | None:
    """The statement in a handler that adds to or takes from a stat, or deals damage."""
    for node in descendants(function, skip=FUNCTIONS):
        if node.type == "update_statement" and is_stat(text(node.named_children[0])):
            return node
        if node.type == "function_call" and method(node) == "TakeDamage" and not _is_small(arguments(node)):
            return statement(node)
        if node.type == "assignment_statement" and _adds(node):
            return node
    return None


def _is_small(given: list[Node]) -> bool:
    """Whether the damage is so little that it is meant for each touch, as long as the touch lasts."""
    return bool(given) and given[0].type == "number" and len(text(given[0])) == 1 and text(given[0]) < "5"


def _adds(change: Node) -> bool:
    """Whether this is ``x.Coins.Value = x.Coins.Value + y``."""
    target, value = change.named_children[0], change.named_children[-1]
    adds = operator(value.named_children[0]) in ("+", "-", "*", "/")
    return is_statement(change) and adds and is_stat(text(target)) and text(target) in text(value)


def _slowed(function: Node, scopes: Scopes) -> bool:
    """Whether anything here may keep the handler from running twice for one touch."""
    for call in calls(function):
        if method(call) in _SLOWS or text(callee(call)) in _CLOCKS:
            return True
    inside = list(descendants(function))
    changes = [node for node in inside if node.type in ("assignment_statement", "update_statement")]
    targets = {text(change.named_children[0]) for change in changes if is_statement(change)}
    for node in inside:
        condition = node.child_by_field_name("condition")
        if condition is not None and _limits(condition, function, targets, scopes):
            return True
    if _calls_file_functions(function, scopes) or any(_switches(change) for change in changes):
        return True
    return sets_outer(function, scopes)


def _limits(condition: Node, function: Node, targets: set[str], scopes: Scopes) -> bool:
    """Whether a condition may be there for this: it asks a flag, something that the handler sets, or who knows what."""
    if asks_state(condition, function, scopes) or calls_unknown(condition, scopes):
        return True
    return any(text(node) in targets for node in (condition, *descendants(condition)))


def _switches(change: Node) -> bool:
    """Whether an assignment may turn the part off, or mark that it was touched."""
    target, value = change.named_children[0].named_children[0], change.named_children[-1].named_children[0]
    switched = target.type == "dot_index_expression" and text(target.child_by_field_name("field")) in _SWITCHES
    return switched or target.type == "bracket_index_expression" or value.type in ("true", "false")


def _calls_file_functions(function: Node, scopes: Scopes) -> bool:
    names = [callee(call) for call in calls(function)]
    return any(name is not None and name.type == "identifier" and not scopes.builtin(name) for name in names)
