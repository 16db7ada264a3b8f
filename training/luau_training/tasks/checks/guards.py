"""Conditions about what is asked, done or waited for before a point, and after it."""

from __future__ import annotations

from collections.abc import Iterable

from luau_scorers.nodes import BODIES, FUNCTIONS, ancestors, callee, text
from tree_sitter import Node

from .conditions import mentions, statement_of
from .events import lies_in
from .memory import Sent, sent_variables, state, writes_of
from .points import call, once
from .program import Program
from .script import Place
from .vocabulary import Condition, Keys, Points


def asked(points: Points, during: str = "") -> Condition:
    """Whether the point is come to depends on one of these points, wherever the condition takes it from.

    With ``during`` it need be so only on the ways there from these events.
    """

    def holds(program: Program, place: Place) -> bool:
        keys = points.keys(program)

        def level(at: Place) -> bool:
            return any(mentions(program, test, keys) for test in program.asked(at))

        return program.always(place, level, during)

    return Condition(f"guarded by a {points.says}", holds)


def _validated(program: Program, place: Place) -> bool:
    known = sent_variables(program)
    whole = statement_of(place.node) if place.node.type not in ("function_call",) else place.node
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
    return program.always(place, lambda at: any(mentions(program, test, keys) for test in program.asked(at)))


def _clamped(value: Node | None) -> bool:
    return value is not None and text(callee(value)) == "math.clamp"


validated = Condition("guarded by a check of each argument of the client that it uses", _validated)


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
