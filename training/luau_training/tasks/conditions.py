"""Conditions at a point: what it runs in, what is asked before it, what comes before and after."""

from __future__ import annotations

from collections.abc import Iterable

from luau_scorers.flow import operator
from luau_scorers.nodes import BODIES, FUNCTIONS, LOOPS, ancestors, arguments, callee, descendants, string_value, text
from luau_scorers.values import COMPARISONS
from tree_sitter import Node

from .points import Sent, assign_key, call, literal, once, sent_variables, state, writes_of
from .program import Place, Program, field_name, lies_in
from .vocabulary import Check, Condition, Keys, Points, no, some

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


def asked(points: Points, during: str = "") -> Condition:
    """Whether the point is come to depends on one of these points, wherever the condition takes it from.

    With ``during`` it need be so only on the ways there from these events.
    """

    def holds(program: Program, place: Place) -> bool:
        keys = points.keys(program)

        def level(at: Place) -> bool:
            return any(_mentions(program, test, keys) for test in program.asked(at))

        return program.always(place, level, during)

    return Condition(f"guarded by a {points.says}", holds)


def _mentions(program: Program, place: Place, keys: Keys) -> bool:
    return not keys.isdisjoint(program.expanded(place))


def _validated(program: Program, place: Place) -> bool:
    known = sent_variables(program)
    whole = _statement(place.node) if place.node.type not in ("function_call",) else place.node
    for each in known:
        used = [
            use
            for use in each.variable.reads
            if each.script is place.script and lies_in(Place(each.script, use), [Place(place.script, whole)])
        ]
        if used and not _looked_at(program, place, [other for other in known if other.origin is each.origin]):
            return False
    return True


def _looked_at(program: Program, place: Place, same: list[Sent]) -> bool:
    """Whether a condition before is about a value that a client sent, under any of its names."""
    keys = frozenset(Place(each.script, use).key for each in same for use in each.variable.reads)
    if any(_clamped(each.variable.value) for each in same):
        return True
    return program.always(place, lambda at: any(_mentions(program, test, keys) for test in program.asked(at)))


def _clamped(value: Node | None) -> bool:
    return value is not None and text(callee(value)) == "math.clamp"


validated = Condition("guarded by a check of each argument of the client that it uses", _validated)


def uses(points: Points) -> Condition:
    """The statement of the point, with the locals and functions that it names, has one of these points in it."""

    def holds(program: Program, place: Place) -> bool:
        return _mentions(program, Place(place.script, _statement(place.node)), points.keys(program))

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
        while (
            inner := callee(node) if node.type == "function_call" else node.child_by_field_name("table")
        ) is not None:
            node = inner
            if text(node).split(".")[-1].split(":")[-1] in wanted:
                return True
        below = program.expanded(Place(place.script, node)).values()
        return any(_name(each.node) in wanted for each in below) or _given_name(place, node, wanted)

    return Condition(f"of {names.replace('|', ' or ')}", holds)


def _name(node: Node) -> str:
    return string_value(node) or (text(node) if node.type == "identifier" else "")


def _given_name(place: Place, node: Node, wanted: list[str]) -> bool:
    """Whether the script says ``node.Name = "wanted"``."""
    for each in place.script.nodes:
        if each.type == "assignment_statement" and text(each.named_children[0]) == f"{text(node)}.Name":
            return string_value(each.named_children[-1].named_children[0]) in wanted
    return False


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


def debounced() -> Condition:
    """It happens once at a time: guarded by the clock or by what is remembered and set around it, or ended by Once,
    Disconnect or Destroy.
    """
    ends = call("Disconnect|Destroy")
    timed = asked(call("os.clock|os.time|time|tick|GetServerTimeNow|DateTime.now"))

    def holds(program: Program, place: Place) -> bool:
        remembered = list(state().find(program))
        inner: list[Place] = []  # what stands around the place in the functions within this one

        def level(at: Place) -> bool:
            around = [*_siblings(at, True), *_siblings(at, False)]
            for test in program.asked(at):
                later = [each for each in around if each.node.start_byte > test.node.start_byte]
                if _sets(program, test, remembered, later + inner):
                    return True
            inner.extend(around)
            return False

        served_once = any(lies_in(place, program.reach(each).values()) for each in once().find(program))
        return served_once or program.always(place, level)

    return Condition("guarded by a debounce", holds) | timed | preceded_by(ends) | followed_by(ends)


def _sets(program: Program, test: Place, remembered: list[Place], statements: list[Place]) -> bool:
    """Whether these statements set something that a condition asks for."""
    expanded = program.expanded(test)
    writes = frozenset(w.key for r in remembered if r.key in expanded for w in writes_of(program, r))
    return bool(writes) and any(_has(program, each, writes) for each in statements)


def beside(points: Points) -> Condition:
    """One of these points comes right before or after, in the same function."""

    def holds(program: Program, place: Place) -> bool:
        keys = points.keys(program)
        return any(_has(program, each, keys) for side in (True, False) for each in _siblings(place, side))

    return Condition(f"beside a {points.says}", holds)


def preceded_by(points: Points) -> Condition:
    """One of these points comes before, in the same function or in one that calls it."""
    return _ordered(points, before=True)


def followed_by(points: Points) -> Condition:
    """One of these points comes after, in the same function or in one that calls it."""
    return _ordered(points, before=False)


def _ordered(points: Points, before: bool) -> Condition:
    def holds(program: Program, place: Place) -> bool:
        keys = points.keys(program)

        def level(at: Place) -> bool:
            return any(_has(program, each, keys) for each in _siblings(at, before))

        return program.sometimes(place, level)

    return Condition(f"{'after' if before else 'before'} a {points.says}", holds)


def _has(program: Program, place: Place, keys: Keys) -> bool:
    pieces = program.reach(place, later=False)
    return any(
        piece.script.name == name and piece.node.start_byte <= start and end <= piece.node.end_byte
        for name, start, end, _ in keys
        for piece in pieces.values()
    )


def _siblings(place: Place, before: bool) -> Iterable[Place]:
    """The statements before or after a node, in each block around it up to its function."""
    below = place.node
    for above in ancestors(place.node):
        if above.type in BODIES:
            for each in above.named_children:
                if (each.end_byte <= below.start_byte) if before else (each.start_byte >= below.end_byte):
                    yield Place(place.script, each)
        elif above.type in FUNCTIONS:
            return
        elif before and (condition := above.child_by_field_name("condition")) and condition != below:
            yield Place(place.script, condition)
        below = above


def _statement(node: Node) -> Node:
    while node.parent is not None and node.parent.type not in BODIES:
        node = node.parent
    return node


def present_too(event: str, source: str) -> Check:
    """What an event such as PlayerAdded does for those to come is done for those that ``GetPlayers`` has already.

    A statement that has ``source`` in it calls a function that the event leads to as well.
    """

    def fault(program: Program) -> str:
        if not program.handed_to(event):
            return f"nothing is connected to {event}"
        pieces = program.leads_to(event)
        led = {place.key for place in pieces if place.node.type in FUNCTIONS}
        for place in program.places:
            named_so = place.node.type in ("dot_index_expression", "method_index_expression")
            if named_so and field_name(place.node) == source and not lies_in(place, pieces):
                whole = Place(place.script, _outer(place.node))
                if led & program.reach(whole).keys():
                    return ""
        return f"what {event} does is not done for those that are already there"

    return Check(fault)


def _outer(node: Node) -> Node:
    """The statement around a node, and the loop or branch that it is the head of, or the rest of the block where it
    is kept in a local.
    """
    statement = _statement(node)
    if statement.type == "variable_declaration" and statement.parent is not None:
        return statement.parent if statement.parent.type == "block" else statement.next_named_sibling or statement
    return statement


def forgets() -> Check:
    """What is kept by player, or by anything else that goes away, does not stay for ever."""
    leaving = on("PlayerRemoving|AncestryChanged|Destroying|Destroyed|Died|ChildRemoved|GetInstanceRemovedSignal")
    cleared = some(assign_key("nil"), leaving) | some(call("table.remove|table.clear"), leaving)
    return no(assign_key()) | cleared | some(literal("k"), uses(call("setmetatable")))


def exports(names: str) -> Check:
    """The module gives out functions of these names; ``"get,set"`` asks for both."""

    def fault(program: Program) -> str:
        for name in names.split(","):
            if not any(option in script.methods for script in program.scripts for option in name.split("|")):
                return f"no function {name.replace('|', ' or ')} is given out"
        return ""

    return Check(fault)


def requires(module: str, functions: str) -> Check:
    """Another script requires the module and calls one of these functions of it, which the module really has."""

    def fault(program: Program) -> str:
        own = next((script for script in program.scripts if script.stem == module), None)
        if own is None:
            return f"there is no module {module}"
        callers = [script for script in program.scripts if own in program.required(script) and script is not own]
        if not callers:
            return f"no script requires {module}"
        wanted = functions.split("|")
        for place in call(functions).find(program):
            names = [name for name in wanted if name in text(place.node)]
            if place.script in callers and any(name in own.methods for name in names):
                return ""
        return f"no script calls {' or '.join(wanted)} of {module}"

    return Check(fault)


def clean(rules: str) -> Check:
    """None of these rules finds anything."""
    wanted = rules.split("|")

    def fault(program: Program) -> str:
        for script in program.scripts:
            for finding in script.findings:
                if finding.rule in wanted:
                    line = script.document.source[: finding.span.start].count(b"\n") + 1
                    return f"{script.name}, line {line}: {finding.message}"
        return ""

    return Check(fault)
