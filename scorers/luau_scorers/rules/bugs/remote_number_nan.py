from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix, Span
from ...flow import always_runs, operator, reads_within
from ...nodes import FUNCTIONS, ancestors, callee, enclosing_function, text
from ...remotes import SENT, remote_argument, stat_changed
from ...rule import Invalid, Match, Rule
from ...scopes import Scopes


class RemoteNumberNan(Rule):
    """A range check that lets NaN through.

    A client can send `0/0`, which is not a number and neither less nor greater than anything. `amount < 1 or
    amount > 100` is false for it, so the handler goes on, and the stat becomes NaN for good. Ask `amount ~= amount`,
    which only NaN answers with true, or turn the check round: `not (amount >= 1 and amount <= 100)`.
    Reported where a handler leaves for numbers that are too small or too large and then changes a stat.
    """

    severity = "info"
    message = "NaN passes this range check"
    query = SENT
    valid = (
        """
remote.OnServerEvent:Connect(function(player, amount)
	if typeof(amount) ~= "number" or amount ~= amount or amount < 1 then
		return
	end
	player.leaderstats.Coins.Value -= amount
end)
""",
        """
remote.OnServerEvent:Connect(function(player, amount)
	if not (amount > 0 and amount < 100) then
		return
	end
	player.leaderstats.Coins.Value -= amount
end)
""",
        "local function add(player, amount)\n\tif amount < 1 then return end\n\tcoins.Value += amount\nend",
        """
remote.OnServerEvent:Connect(function(coins, amount)
	if amount < 1 then return end
	coins.Value += amount
end)
""",
    )
    invalid = (
        Invalid(
            """
remote.OnServerEvent:Connect(function(player, amount)
--                                            ^^^^^^
	if typeof(amount) ~= "number" or amount < 1 or amount > 100 then
		return
	end
	player.leaderstats.Coins.Value -= amount
end)
""",
            fixed="""
remote.OnServerEvent:Connect(function(player, amount)
	if amount ~= amount or typeof(amount) ~= "number" or amount < 1 or amount > 100 then
		return
	end
	player.leaderstats.Coins.Value -= amount
end)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        return _leaky_check(match["here"], match.document.scopes) is not None

    def describe(self, match: Match) -> str:
        name = match.text("here")
        return f"NaN passes the range check of `{name}`: ask `{name} ~= {name}` as well"

    def fix(self, match: Match) -> Fix | None:
        condition = _leaky_check(match["here"], match.document.scopes)
        if condition is None:
            return None
        name = match.text("here")
        edit = Edit(Span(condition.start_byte, condition.start_byte), f"{name} ~= {name} or ")
        return Fix("Refuse NaN", (edit,), safe=False)


def _leaky_check(name: Node, scopes: Scopes) -> Node | None:
    """The condition that looks at this argument's range, where nothing else does before it changes a stat."""
    variable, function = remote_argument(name, scopes), enclosing_function(name)
    condition = None
    for read in reads_within(variable, function) if variable is not None and function is not None else []:
        if stat_changed(read):
            return condition
        above = read.parent
        ranged = above is not None and operator(above) in ("<", ">", "<=", ">=")
        exit_condition = _exit_condition(read)
        if exit_condition is None or not (ranged or _is_type_check(read)):
            return None
        if ranged:
            condition = condition or exit_condition
    return None


def _is_type_check(read: Node) -> bool:
    call = read.parent.parent if read.parent is not None and read.parent.type == "arguments" else None
    return call is not None and text(callee(call)) in ("typeof", "type")


def _exit_condition(read: Node) -> Node | None:
    """The condition that this use is part of, not negated, where all it guards is a return."""
    below = read
    for above in ancestors(read):
        if above.type == "if_statement" and above.child_by_field_name("condition") == below:
            body, function = above.child_by_field_name("consequence"), enclosing_function(above)
            leaves = body is not None and body.named_children[-1].type == "return_statement"
            return below if leaves and function is not None and always_runs(above, function) else None
        if above.type in ("unary_expression", "block", *FUNCTIONS):
            return None
        below = above
    return None
