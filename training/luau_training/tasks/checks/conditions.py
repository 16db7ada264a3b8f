"""Conditions at a point: what it runs in, what it is about."""

from __future__ import annotations

from collections.abc import Iterator

from luau_scorers.flow import operator
from luau_scorers.nodes import BODIES, FUNCTIONS, LOOPS, ancestors, arguments, callee, descendants, string_value, text
from luau_scorers.values import COMPARISONS
from tree_sitter import Node

from .events import lies_in
from .points import call
from .program import Program
from .script import INDEXES, Place, field_name
from .vocabulary import Condition, Keys, Points

_FRAMES = "Heartbeat|Stepped|RenderStepped|PreRender|PreAnimation|PreSimulation|PostSimulation|BindToRenderStep"
_CATCHES = ("pcall", "xpcall")


def on(events: str) -> Condition:
    """The point is in what one of these events leads to; ``"BindToClose"`` and callbacks count as events."""
    return Condition(
        f"on {events.replace('|', ' or ')}",
        lambda program, place: lies_in(place, program.leads_to(events), later=False),
    )


def within(functions: Points) -> Condition:
    """The point is in one of these functions, or in what they lead to."""
    return Condition(
        f"in {functions.says}", lambda program, place: lies_in(place, program.reach(*functions.find(program)).values())
    )


def in_script(stems: str) -> Condition:
    """The point is in the script whose name starts so: ``"Shop.server"``."""
    wanted = tuple(stems.split("|"))
    return Condition(f"in {stems}", lambda program, place: place.script.name.split("/")[-1].startswith(wanted))


def uses(points: Points) -> Condition:
    """The statement of the point, with the locals and functions that it names, has one of these points in it."""

    def holds(program: Program, place: Place) -> bool:
        return mentions(program, Place(place.script, statement_of(place.node)), points.keys(program))

    return Condition(f"using a {points.says}", holds)


def holding(points: Points) -> Condition:
    """The point itself has one of these points in it."""

    def holds(program: Program, place: Place) -> bool:
        keys = points.keys(program)
        return any(Place(place.script, node).key in keys for node in (place.node, *descendants(place.node)))

    return Condition(f"holding a {points.says}", holds)


def named(names: str) -> Condition:
    """The object that is called, connected or assigned to goes by one of these names, in the tree of the game too."""
    wanted = names.split("|")

    def holds(program: Program, place: Place) -> bool:
        node = place.node
        if node.type in ("assignment_statement", "function_declaration"):
            node = node.named_children[0]
        chain = list(_chain(node))
        if any(_goes_by(each, wanted) for each in chain):
            return True
        root = chain[-1] if chain else node
        below = program.expanded(Place(place.script, root)).values()
        return any(_name(each.node) in wanted for each in below) or _given_name(place, root, wanted)

    return Condition(f"of {names.replace('|', ' or ')}", holds)


def _chain(node: Node) -> Iterator[Node]:
    """``a.b:c()``, ``a.b`` and ``a`` in ``a.b:c().d``."""
    while inner := callee(node) if node.type == "function_call" else node.child_by_field_name("table"):
        node = inner
        yield node


def _goes_by(node: Node, wanted: list[str]) -> bool:
    if node.type == "function_call":
        return any(string_value(given) in wanted for given in arguments(node))
    return (field_name(node) if node.type in INDEXES else text(node)) in wanted


def _name(node: Node) -> str:
    return string_value(node) or (text(node) if node.type == "identifier" else "")


def _given_name(place: Place, node: Node, wanted: list[str]) -> bool:
    """Whether the script says ``node.Name = "wanted"``."""
    return any(
        each.type == "assignment_statement"
        and text(each.named_children[0]) == f"{text(node)}.Name"
        and string_value(each.named_children[-1].named_children[0]) in wanted
        for each in place.script.nodes
    )


def _under_pcall(program: Program, place: Place) -> bool:
    return program.always(place, lambda at: _caught(program, at))


def _caught(program: Program, place: Place) -> bool:
    """Whether a node is what ``pcall``, or a function that calls it, is given to call."""
    below = place.node
    for above in ancestors(place.node):
        if above.type == "function_call" and below.type == "arguments":
            given = arguments(above)
            direct = text(callee(above)) in _CATCHES
            if direct and given and given[0] == place.node:
                return True
            if not direct and place.node in given and _catches(program, Place(place.script, above)):
                return True
        if above.type in FUNCTIONS:
            return _caught(program, Place(place.script, above)) if _is_passed(above) else False
        below = above
    return False


def _is_passed(function: Node) -> bool:
    return function.parent is not None and function.parent.type == "arguments"


def _catches(program: Program, call_: Place) -> bool:
    called = callee(call_.node)
    if called is None:
        return False
    calls = call("|".join(_CATCHES))
    inside = program.reach(*program.mentioned(Place(call_.script, called)))
    return any(lies_in(each, inside.values()) for each in calls.find(program))


def _repeats(program: Program, place: Place) -> bool:
    if lies_in(place, program.leads_to(_FRAMES), later=False):
        return True
    return program.sometimes(place, lambda at: any(each.type in LOOPS for each in _around(at.node)))


def _around(node: Node) -> list[Node]:
    found = []
    for above in ancestors(node):
        if above.type in FUNCTIONS:
            break
        found.append(above)
    return found


def _compared(program: Program, place: Place) -> bool:
    return any(operator(above) in COMPARISONS for above in _around(place.node))


compared = Condition("compared", _compared)
under_pcall = Condition("under pcall", _under_pcall)
repeats = Condition("in a loop", _repeats)


def mentions(program: Program, place: Place, keys: Keys) -> bool:
    return not keys.isdisjoint(program.expanded(place))


def statement_of(node: Node) -> Node:
    while node.parent is not None and node.parent.type not in BODIES:
        node = node.parent
    return node
