"""What a client sends to the server, and what a handler does with it."""

from __future__ import annotations

import re

from tree_sitter import Node

from .flow import calls_unknown, conditions_before, indexed, job, local_of, operator, reads_within
from .handlers import function_meant, parameters, serves
from .nodes import arguments, callee, calls_builtin, descendants, enclosing_function, is_statement, method, text
from .scopes import Scopes, Variable
from .words import words

# A parameter after one that is named as a player is: cheap to find, and nearly all that handlers of remotes have.
SENT = """
    (parameters . (parameter . (identifier) @player) (parameter . (identifier) @here)
      (#any-of? @player "player" "_player" "Player" "plr" "Plr" "plyr" "client" "sender" "caller" "user" "p" "_"))
"""
EVENTS = ("OnServerEvent", "OnServerInvoke")
# What players care about: a client that adds to one of these at will cheats.
_STATS = words("""
    leaderstats coin cash money gold gem diamond point score xp exp experience level credit token balance currency buck
    health kill win rebirth strength power
    """)
_SET = words("Value Health MaxHealth WalkSpeed JumpPower JumpHeight CFrame Position Parent Anchored")
_NUMBERS = words("Health MaxHealth WalkSpeed JumpPower JumpHeight")
_PLACES = words("CFrame Position")
_DONE_TO_IT = words("Destroy Kick BreakJoints ClearAllChildren Remove TakeDamage PivotTo")
# A condition with one of these is about how often, not about who.
_PACES = re.compile("(?i)debounce|cooldown|^(tick|os.clock|os.time|time|now)$")
_SHOWING = words("print warn tostring")
_WHO = words("UserId Name Team GetRankInGroup GetRoleInGroup IsInGroup UserOwnsGamePassAsync")
_WRAPS = ("parenthesized_expression", "unary_expression", "cast_expression")


def remote_argument(name: Node, scopes: Scopes) -> Variable | None:
    """The variable of a parameter, where it holds what a client sent."""
    function = enclosing_function(name)
    if function is None or parameters(function)[:1] == [name] or not serves(function, EVENTS, scopes):
        return None
    variable = scopes.variable(name)
    return variable if variable is not None and not variable.writes else None


def stat_changed(use: Node) -> Node | None:
    """The statement that adds this number to a player's stat, takes it from one, or deals it as damage."""
    above = _arithmetic(use)
    if above.type == "arguments":
        call = above.parent
        return call if call is not None and method(call) == "TakeDamage" else None
    if above.type != "expression_list" or len(above.named_children) != 1 or (change := above.parent) is None:
        return None
    target = _target(change)
    if target is None or not is_statement(change) or not is_stat(text(target)):
        return None
    adds = change.type == "update_statement" or (above.named_children[0] != use and text(target) in text(above))
    return change if adds else None


def is_stat(name: str) -> bool:
    """Whether a name speaks of what players earn or lose."""
    return any(word.lower().rstrip("s") in _STATS or word in _STATS for word in re.findall("[A-Z]?[a-z]+|[A-Z]+", name))


def sink(use: Node, scopes: Scopes) -> Node | None:
    """The statement or call through which this value, as a client sent it, does harm."""
    part = indexed(use)
    value = part if part is not None and part.type == "dot_index_expression" else use
    found = stat_changed(value) or _set_outright(value, scopes)
    return found or _chosen_instance(use) or _chosen_name(use) or _handed_over(use)


def first_sink(variable: Variable, scopes: Scopes, seen: tuple[Variable, ...] = ()) -> Node | None:
    """Where a client's value does harm, if nothing looks at it before and nothing asks who the player is."""
    function = enclosing_function(variable.declared)
    if function is None or variable in seen or variable.writes:
        return None
    for read in reads_within(variable, function):
        found = sink(read, scopes)
        if found or (carried := _carried(read, scopes)):
            if _allowed(found or read, function, scopes):
                return None
            return found or (first_sink(carried, scopes, (*seen, variable)) if carried else None)
        if not (_only_shown(read) or _only_afforded(read) or _only_there(read)):
            return None
    return None


def _carried(use: Node, scopes: Scopes) -> Variable | None:
    """The variable that holds the value from here on: another local, or the parameter of a function of the file."""
    call = use.parent.parent if use.parent is not None and use.parent.type == "arguments" else None
    if call is None or calls_builtin(call, "tonumber", scopes):
        name = local_of(call or use)
        return scopes.variable(name) if name is not None else None
    function = function_meant(callee(call), scopes)
    names = parameters(function) if function is not None else []
    given = arguments(call)
    return scopes.variable(names[given.index(use)]) if len(names) == len(given) and use in given else None


def _arithmetic(use: Node) -> Node:
    """What stands around the sum or product that a number is part of."""
    above = use.parent
    while above is not None and (above.type in _WRAPS or operator(above) in ("+", "-", "*", "/")):
        above = above.parent
    return above or use


def _target(change: Node) -> Node | None:
    """What an assignment sets, where it is one thing."""
    targets = change.named_children[0] if change.type in ("assignment_statement", "update_statement") else None
    return targets.named_children[0] if targets is not None and len(targets.named_children) == 1 else None


def _field(index: Node) -> str:
    return text(index.child_by_field_name("field")) if index.type == "dot_index_expression" else ""


def _set_outright(use: Node, scopes: Scopes) -> Node | None:
    """``humanoid.Health = use``, ``part.CFrame = CFrame.new(use)``, ``leaderstats.Coins.Value = use``.

    Where a part that was made just now goes is another matter.
    """
    values = _arithmetic(use)
    if values.type == "arguments" and (call := values.parent) and text(callee(call)) in ("CFrame.new", "Vector3.new"):
        values = call.parent or values
    change = values.parent
    if values.type != "expression_list" or change is None or change.type != "assignment_statement":
        return None
    target = _target(change)
    if target is None or len(values.named_children) != 1:
        return None
    field = _field(target)
    number = field in _NUMBERS or (field == "Value" and is_stat(text(target)))
    table = target.child_by_field_name("table")
    owner = scopes.variable(table) if table is not None and table.type == "identifier" else None
    made = owner.value if owner is not None else None
    fresh = made is not None and (method(made) == "Clone" or calls_builtin(made, "Instance.new", scopes))
    return change if number or (field in _PLACES and not fresh) else None


def _chosen_instance(use: Node) -> Node | None:
    """``use:Destroy()``, ``use.Parent = x``, ``use.Humanoid.Health = 0``: the client says which."""
    chain, longer = use, indexed(use)
    while longer is not None and longer.type != "method_index_expression":
        chain, longer = longer, indexed(longer)
    if longer is not None:
        call = longer.parent
        return call if call is not None and method(call) in _DONE_TO_IT else None
    change = chain.parent.parent if chain.parent is not None and chain.parent.type == "variable_list" else None
    return change if change is not None and chain != use and _field(chain) in _SET else None


def _chosen_name(use: Node) -> Node | None:
    """``items[use]:Clone()`` and ``items:FindFirstChild(use):Clone()``: the client says which."""
    found = use.parent
    if found is not None and found.type == "arguments":
        found = found.parent
        if found is None or method(found) not in ("FindFirstChild", "WaitForChild") or arguments(found)[0] != use:
            return None
    elif found is None or found.type != "bracket_index_expression" or found.child_by_field_name("field") != use:
        return None
    name = indexed(found)
    call = name.parent if name is not None else None
    return call if call is not None and method(call) == "Clone" else None


def _handed_over(use: Node) -> Node | None:
    """``store:SetAsync(key, use)``, ``require(use)``, ``player:SetAttribute("Coins", use)``."""
    call = use.parent.parent if use.parent is not None and use.parent.type == "arguments" else None
    if call is None:
        return None
    given = arguments(call)
    if method(call) == "SetAttribute":
        return call if given[-1:] == [use] and is_stat(text(given[0])) and given[0].type == "string" else None
    moves_or_saves = method(call) in ("SetAsync", "RemoveAsync", "IncrementAsync", "PivotTo", "SetPrimaryPartCFrame")
    return call if moves_or_saves or text(callee(call)) in ("require", "loadstring") else None


def _only_shown(use: Node) -> bool:
    """Whether this use only prints the value or joins it to a text."""
    above = use.parent
    while above is not None and (operator(above) == ".." or above.type in ("interpolation", "string")):
        above = above.parent
    call = above.parent if above is not None and above.type == "arguments" else None
    return call is not None and text(callee(call)) in _SHOWING


def _only_afforded(use: Node) -> bool:
    """Whether this use only asks whether a stat is large enough, which a negative number passes."""
    above = use.parent
    if above is None or operator(above) not in ("<", "<=", ">", ">="):
        return False
    left, right = above.child_by_field_name("left"), above.child_by_field_name("right")
    return is_stat(text(right if left == use else left))


def _only_there(use: Node) -> bool:
    """Whether this use only asks whether anything was sent: ``if use then``, ``if not use then``."""
    above = use.parent
    if above is not None and above.type == "unary_expression":
        above = above.parent
    return above is not None and above.type == "if_statement"


def _allowed(found: Node, function: Node, scopes: Scopes) -> bool:
    """Whether a condition before may be about who the player is, or about what this handler may do at all.

    So may whatever decides when to call a function that the handler defines.
    """
    player = parameters(function)[0]
    for condition in conditions_before(found, function):
        inside = [condition, *descendants(condition)]
        if any(_PACES.search(text(node)) for node in inside):
            continue
        if calls_unknown(condition, scopes):
            return True
        for node in inside:
            if node.type == "identifier" and (text(node) in _WHO or _identifies(node, player, scopes)):
                return True
    return job(found, scopes) != function


def _identifies(node: Node, player: Node, scopes: Scopes) -> bool:
    """Whether a condition looks the player up, or compares with them: ``owners[player]``, ``owner == player``."""
    variable, above = scopes.variable(node), node.parent
    if variable is None or variable.declared != player or above is None:
        return False
    return operator(above) in ("==", "~=") or above.type in ("bracket_index_expression", "arguments")
