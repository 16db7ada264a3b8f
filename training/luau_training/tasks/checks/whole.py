"""Checks of an answer as a whole."""

from __future__ import annotations

from luau_scorers.nodes import FUNCTIONS, callee
from tree_sitter import Node

from .conditions import on, statement_of, uses
from .events import lies_in
from .points import assign_key, call, literal
from .program import Program
from .script import INDEXES, Place, field_name
from .vocabulary import Check, no, some


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
    statement = statement_of(node)
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
            called = callee(place.node) or place.node
            if place.script in callers and called.type in INDEXES and field_name(called) in own.methods:
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
