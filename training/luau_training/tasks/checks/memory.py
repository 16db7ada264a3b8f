"""What the scripts remember, and what clients sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from luau_scorers.handlers import function_meant, parameters
from luau_scorers.nodes import (
    FUNCTIONS,
    ancestors,
    arguments,
    callee,
    descendants,
    enclosing_function,
    method,
    string_value,
    text,
)
from luau_scorers.scopes import Variable
from tree_sitter import Node

from .points import assign, is_target
from .program import Program
from .script import INDEXES, Place, Script, field_name
from .vocabulary import Points

_ATTRIBUTE_SETTERS = ("SetAttribute", "AddTag", "RemoveTag")
_FROM_CLIENTS = ("OnServerEvent", "OnServerInvoke")


def state() -> Points:
    """Reads of what the scripts themselves remember: a local that outlives the function that sets it, or an entry of
    one; an attribute or a tag that they set; a property that they assign. Debounces and records are among these.
    """

    def find(program: Program) -> Iterator[Place]:
        attributes = {key for script in program.scripts for key in _attributes(script)}
        for script in program.scripts:
            kept = _kept(script)
            fields = {field_name(node) for node in script.nodes if node.type in INDEXES and is_target(node)}
            yield from (Place(script, n) for n in script.nodes if _is_state(script, n, kept, fields, attributes))

    return Points("remembered state", find)


def _is_state(script: Script, node: Node, kept: set[Variable], fields: set[str], attributes: set[str]) -> bool:
    if node.type == "identifier":
        variable = script.document.scopes.variable(node)
        return variable in kept and node in variable.reads
    if node.type == "function_call":
        asks = method(node) in ("GetAttribute", "HasTag")
        return asks and bool(attributes & {_key(given) for given in arguments(node)})
    of_object = node.type == "dot_index_expression" and not text(node).startswith(("Enum.", "script."))
    return of_object and not is_target(node) and field_name(node) in fields


def writes_of(program: Program, read_: Place) -> Iterator[Place]:
    """Where what ``state`` finds at a place is set."""
    script, node = read_
    if node.type == "identifier":
        variable = script.document.scopes.variable(node)
        writes = variable.writes if variable is not None else []
        yield from (Place(script, write) for write in writes)
        yield from (Place(script, each) for each in script.nodes if variable and variable in _entry_set(script, each))
    elif node.type == "function_call":
        keys = {_key(given) for given in arguments(node)}
        for place in program.places:
            sets = place.node.type == "function_call" and method(place.node) in _ATTRIBUTE_SETTERS
            if sets and keys & {_key(given) for given in arguments(place.node)[:1]}:
                yield place
    else:
        yield from assign(field_name(node)).find(program)


def _key(given: Node) -> str:
    return string_value(given) or text(given)


def _attributes(script: Script) -> Iterator[str]:
    for node in script.nodes:
        if node.type == "function_call" and method(node) in _ATTRIBUTE_SETTERS and arguments(node):
            yield _key(arguments(node)[0])


def _kept(script: Script) -> set[Variable]:
    """Locals that are set, or whose entries are, and that are still there when the function that does so is left."""
    kept = {v for v in script.variables if any(_outlives(v, write) for write in v.writes)}
    return kept.union(*({v for v in _entry_set(script, node) if _outlives(v, node)} for node in script.nodes))


def _outlives(variable: Variable, write: Node) -> bool:
    home = enclosing_function(variable.declared)
    return home is None or home != enclosing_function(write)


def _entry_set(script: Script, node: Node) -> set[Variable]:
    """The local whose entry this sets, if it does: ``x[key] = value``, ``table.insert(x, value)``."""
    table: Node | None = None
    if node.type == "bracket_index_expression" and is_target(node):
        table = node.child_by_field_name("table")
    elif node.type == "function_call" and text(callee(node)) in ("table.insert", "table.clear", "table.remove"):
        table = next(iter(arguments(node)), None)
    variable = script.document.scopes.variable(table) if table is not None and table.type == "identifier" else None
    return {variable} if variable is not None else set()


def sent() -> Points:
    """Uses of what a client sent: the arguments of OnServerEvent and OnServerInvoke after the player, in whichever
    function they end up.
    """

    def find(program: Program) -> Iterator[Place]:
        for each in sent_variables(program):
            yield from (Place(each.script, use) for use in each.variable.reads)

    return Points("argument of the client", find)


class Sent(NamedTuple):
    """A local that holds what a client sent, or what was made of it; ``origin`` is the parameter that it came by."""

    script: Script
    variable: Variable
    origin: Variable


def sent_variables(program: Program) -> list[Sent]:
    """Every local that what a client sent ends up in."""
    found: list[Sent] = []

    def add(script: Script, names: list[Node], origin: Variable | None = None) -> None:
        for name in names:
            variable = script.document.scopes.variable(name)
            if variable is not None and all(variable is not known.variable for known in found):
                found.append(Sent(script, variable, origin or variable))

    for event in _FROM_CLIENTS:
        for script, given in program.handed_to(event):
            handler = given if given.type in FUNCTIONS else function_meant(given, script.document.scopes)
            add(script, parameters(handler)[1:] if handler is not None else [])
    for each in found:  # grows while it is gone through
        for use in each.variable.reads:
            add(each.script, _declared_with(use), each.origin)
            for target, names in _passed_on(program, each.script, use):
                add(target, names, each.origin)
    return found


def _declared_with(use: Node) -> list[Node]:
    """The locals whose declaration uses this."""
    for above in ancestors(use):
        if above.type == "variable_declaration":
            return [n for n in descendants(above, skip=("expression_list",)) if n.type == "identifier"]
        if above.type in ("block", "chunk"):
            return []
    return []


def _passed_on(program: Program, script: Script, use: Node) -> Iterator[tuple[Script, list[Node]]]:
    """The parameters that a use as an argument ends up in."""
    around = use.parent.parent if use.parent is not None and use.parent.type == "arguments" else None
    called = callee(around) if around is not None else None
    if around is None or called is None:
        return
    index = arguments(around).index(use)
    for target in program.mentioned(Place(script, called)):
        names = parameters(target.node)
        yield target.script, names[index : index + 1]
