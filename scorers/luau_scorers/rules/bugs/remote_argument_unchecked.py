from __future__ import annotations

from ...finding import Fix
from ...flow import operator, reads_within
from ...layout import lines_before, starts_line
from ...nodes import enclosing_function
from ...remotes import SENT, first_sink, remote_argument, stat_changed
from ...rule import Invalid, Match, Rule
from ...scopes import Variable

_POSITIVE_NUMBER = 'if typeof({0}) ~= "number" or not ({0} > 0 and {0} < math.huge) then\n\treturn\nend'


class RemoteArgumentUnchecked(Rule):
    """What a client sends is used on the server without a look at it.

    An exploiter can fire a remote with any arguments: a negative price, a million coins, somebody else's character, a
    text where a number is expected. Check the type, the range, and whether this player may do that at all.
    Reported where the value goes straight into a stat, damage, a position, a saved value, or names the instance that
    is destroyed, changed or cloned. The fix refuses all but positive numbers; the upper limit is yours to add.
    """

    severity = "warning"
    message = "this comes from the client and is used unchecked"
    query = SENT
    valid = (
        """
remote.OnServerEvent:Connect(function(player, amount)
	if typeof(amount) ~= "number" or amount ~= amount or amount < 1 or amount > 100 then
		return
	end
	player.leaderstats.Coins.Value += amount
end)
""",
        """
remote.OnServerEvent:Connect(function(player, item)
	local price = PRICES[item]
	if price and player.leaderstats.Coins.Value >= price then
		player.leaderstats.Coins.Value -= price
	end
end)
""",
        """
remote.OnServerEvent:Connect(function(player, amount)
	if not admins[player.UserId] then
		return
	end
	player.leaderstats.Coins.Value += amount
end)
""",
        """
remote.OnServerEvent:Connect(function(player, position)
	local part = Instance.new("Part")
	part.Position = position
	part.Parent = workspace
end)
""",
        "remote.OnClientEvent:Connect(function(player, amount)\n\tcoins.Value += amount\nend)",
        "remote.OnServerEvent:Connect(function(part, position)\n\tpart.Position = position\nend)",
    )
    invalid = (
        Invalid(
            """
remote.OnServerEvent:Connect(function(player, amount)
--                                            ^^^^^^
	player.leaderstats.Coins.Value += amount
end)
""",
            fixed="""
remote.OnServerEvent:Connect(function(player, amount)
	if typeof(amount) ~= "number" or not (amount > 0 and amount < math.huge) then
		return
	end
	player.leaderstats.Coins.Value += amount
end)
""",
        ),
        Invalid(
            """
local function onHit(player, target, damage)
--                           ^^^^^^
    print(player, damage)
    target.Humanoid:TakeDamage(10)
end
hitRemote.OnServerEvent:Connect(onHit)
"""
        ),
        Invalid(
            """
spawnRemote.OnServerInvoke = function(player, name)
--                                            ^^^^
    local item = items:FindFirstChild(name):Clone()
    item.Parent = player.Backpack
end
"""
        ),
        Invalid(
            """
buyRemote.OnServerEvent:Connect(function(player, price)
--                                               ^^^^^
    local coins = player.leaderstats.Coins
    if coins.Value >= price then
        coins.Value -= price
    end
end)
""",
            fixed="""
buyRemote.OnServerEvent:Connect(function(player, price)
    if typeof(price) ~= "number" or not (price > 0 and price < math.huge) then
        return
    end
    local coins = player.leaderstats.Coins
    if coins.Value >= price then
        coins.Value -= price
    end
end)
""",
        ),
        Invalid(
            """
local function give(player, coins)
    player.leaderstats.Coins.Value += coins
end
giveRemote.OnServerEvent:Connect(function(player, amount)
--                                                ^^^^^^
    local coins = tonumber(amount)
    give(player, coins)
end)
"""
        ),
        Invalid(
            """
moveRemote.OnServerEvent:Connect(function(player, position, data)
--                                                ^^^^^^^^
--                                                          ^^^^
    player.Character.HumanoidRootPart.CFrame = CFrame.new(position)
    store:SetAsync(player.UserId, data)
end)
"""
        ),
    )

    def check(self, match: Match) -> bool:
        variable = remote_argument(match["here"], match.document.scopes)
        return variable is not None and first_sink(variable, match.document.scopes) is not None

    def describe(self, match: Match) -> str:
        variable = remote_argument(match["here"], match.document.scopes)
        found = first_sink(variable, match.document.scopes) if variable is not None else None
        where = match.document.text(found).partition("\n")[0][:60] if found is not None else ""
        return f"`{match.text('here')}` comes from the client and reaches `{where}` unchecked"

    def fix(self, match: Match) -> Fix | None:
        variable = remote_argument(match["here"], match.document.scopes)
        function = enclosing_function(match["here"])
        body = function.child_by_field_name("body") if function is not None else None
        if variable is None or body is None or not _is_amount(variable):
            return None
        first = body.named_children[0]
        if not starts_line(first, match.document):
            return None
        edit = lines_before(first, _POSITIVE_NUMBER.format(variable.name), match.document)
        return Fix("Refuse all but positive numbers", (edit,), safe=False)


def _is_amount(variable: Variable) -> bool:
    """Whether every use of it needs a number."""
    function = enclosing_function(variable.declared)
    uses = reads_within(variable, function) if function is not None else []
    return all(stat_changed(use) is not None or operator(use.parent or use) for use in uses)
