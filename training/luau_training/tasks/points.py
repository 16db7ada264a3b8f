"""Kinds of points: calls, assignments, reads, connections, literals, and what a client sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from luau_scorers.handlers import function_meant, parameters
from luau_scorers.nodes import (
    FUNCTIONS,
    LOOPS,
    ancestors,
    arguments,
    callee,
    descendants,
    enclosing_function,
    method,
    receiver,
    string_value,
    text,
)
from luau_scorers.scopes import Variable
from tree_sitter import Node

from .program import Place, Program, Script, field_name
from .vocabulary import Points

_DOTS = ("dot_index_expression", "method_index_expression")
_ATTRIBUTE_SETTERS = ("SetAttribute", "AddTag", "RemoveTag")
_FROM_CLIENTS = ("OnServerEvent", "OnServerInvoke")


def _nodes(says: str, fits: Callable[[Script, Node], bool]) -> Points:
    def find(program: Program) -> Iterator[Place]:
        return (place for place in program.places if fits(*place))

    return Points(says, find)


def call(names: str, about: str | None = None) -> Points:
    """Calls by name: ``"GetAsync"`` is a method or a function of any table, ``"task.wait"`` that of ``task`` alone,
    ``"Humanoid:MoveTo"`` a method of what is, or may be, a Humanoid. With ``about`` one argument must be this string.

    ``pcall(store.GetAsync, store)`` is a call of GetAsync too.
    """
    wanted = names.split("|")

    def fits(script: Script, node: Node) -> bool:
        if node.type == "function_call":
            named = any(_called(script, node, name) for name in wanted)
            return named and (about is None or any(_says(script, given, about) for given in arguments(node)))
        around = node.parent.parent if node.parent is not None and node.parent.type == "arguments" else None
        passed = around is not None and text(callee(around)) in ("pcall", "xpcall", "task.spawn", "task.delay")
        return passed and node.type in _DOTS and (field_name(node) in wanted or text(node) in wanted)

    return _nodes(f"call of {_either(wanted)}" + (f' with "{about}"' if about else ""), fits)


def _called(script: Script, node: Node, name: str) -> bool:
    called = callee(node)
    if called is None:
        return False
    cls, colon, wanted = name.partition(":")
    if colon:
        of = receiver(node)
        known = script.document.inference.class_of(of) if of is not None else None
        related = known is None or script.document.inference.api.is_a(known, cls) or known == cls
        return method(node) == wanted and related
    return text(called) == name or (called.type in _DOTS and field_name(called) == name)


def _says(script: Script, given: Node, about: str) -> bool:
    """Whether an argument is this string, or a local that is, or a longer text that contains it."""
    variable = script.document.scopes.variable(given) if given.type == "identifier" else None
    value = variable.value if variable is not None and variable.value is not None else given
    return string_value(value) == about or (
        value.type == "string" and string_value(value) is None and about in text(value)
    )


def new(classes: str) -> Points:
    """Instances made with ``Instance.new``."""
    wanted = classes.split("|")

    def fits(script: Script, node: Node) -> bool:
        made = node.type == "function_call" and text(callee(node)) == "Instance.new"
        return made and any(_says(script, given, cls) for given in arguments(node)[:1] for cls in wanted)

    return _nodes(f"new {_either(wanted)}", fits)


def assign(fields: str, value: str | None = None) -> Points:
    """Assignments to a field, ``x.Field = value`` and ``x.Field += value``; with ``value``, of this text alone."""
    wanted = fields.split("|")

    def fits(script: Script, node: Node) -> bool:
        if node.type in _DOTS and node.parent is not None and node.parent.type == "variable_list":
            return field_name(node) in wanted and (value is None or text(_given(node)) == value)
        name = node.child_by_field_name("name") if node.type == "field" else None
        in_table = name is not None and text(name) in wanted  # TweenService:Create(part, info, { Field = value })
        return in_table and (value is None or text(node.child_by_field_name("value")) == value)

    return _nodes(f"assignment to {_either(wanted)}" + (f" of {value}" if value else ""), fits)


def assign_key(value: str | None = None) -> Points:
    """Assignments to an entry by a key that is not written out: ``cooldowns[player] = nil``."""

    def fits(script: Script, node: Node) -> bool:
        target = node.type == "bracket_index_expression" and node.parent is not None
        written = target and node.parent is not None and node.parent.type == "variable_list"
        return written and (value is None or text(_given(node)) == value)

    return _nodes("assignment to a table's key" + (f" of {value}" if value else ""), fits)


def _given(target: Node) -> Node | None:
    """The value that an assignment gives to this target."""
    targets = target.parent
    values = targets.next_named_sibling if targets is not None else None
    if targets is None or values is None:
        return None
    index = targets.named_children.index(target)
    return values.named_children[index] if index < len(values.named_children) else None


def read(fields: str) -> Points:
    """Uses of a field or method by name, assignments left out: ``read("Magnitude")``, ``read("LocalPlayer")``."""
    wanted = fields.split("|")

    def fits(script: Script, node: Node) -> bool:
        target = node.parent is not None and node.parent.type == "variable_list"
        return node.type in _DOTS and not target and field_name(node) in wanted

    return _nodes(f"use of {_either(wanted)}", fits)


def enum(names: str) -> Points:
    """Enum items, ``"HumanoidStateType.Dead"``, or any item of an enum, ``"KeyCode"``."""
    wanted = [f"Enum.{name}" for name in names.split("|")]

    def fits(script: Script, node: Node) -> bool:
        written = text(node) if node.type == "dot_index_expression" else ""
        return written.startswith("Enum.") and any(f"{written}.".startswith(f"{name}.") for name in wanted)

    return _nodes(f"use of {_either(wanted)}", fits)


def literal(values: str) -> Points:
    """Numbers and strings as values: ``literal("25")``, ``literal("Coins")``."""
    wanted = values.split("|")

    def fits(script: Script, node: Node) -> bool:
        return (node.type == "number" and text(node) in wanted) or (string_value(node) in wanted)

    return _nodes(f"value {_either(wanted)}", fits)


def operation(signs: str) -> Points:
    """Expressions and updates with one of these operators: ``operation("%|//")``."""
    wanted = signs.split("|")

    def fits(script: Script, node: Node) -> bool:
        kinds = ("binary_expression", "unary_expression", "update_statement")
        return node.type in kinds and any(child.type in wanted for child in node.children)

    return _nodes(f"operator {_either(wanted)}", fits)


def loop(kinds: str = "for|while|repeat") -> Points:
    """Loops."""
    wanted = tuple(f"{kind}_statement" for kind in kinds.split("|"))
    return _nodes(f"{_either(kinds.split('|'))} loop", lambda script, node: node.type in wanted and node.type in LOOPS)


def returns(value: str) -> Points:
    """``return value`` by its text."""
    return _nodes(
        f"return of {value}", lambda script, node: node.type == "return_statement" and text(node) == f"return {value}"
    )


def function(names: str) -> Points:
    """Functions by name, local or of a table."""
    wanted = names.split("|")

    def find(program: Program) -> Iterator[Place]:
        for script in program.scripts:
            for name in wanted:
                yield from (Place(script, each) for each in script.methods.get(name, ()))
            for variable in script.document.scopes.variables:
                if variable.name in wanted and variable.value is not None and variable.value.type in FUNCTIONS:
                    yield Place(script, variable.value)

    return Points(f"function {_either(wanted)}", find)


def connects(events: str) -> Points:
    """Calls and assignments that give a function to an event or a callback, and waits for one."""
    wanted = events.split("|")

    def find(program: Program) -> Iterator[Place]:
        for event in wanted:
            for place in program.handed_to(event):
                yield Place(place.script, _connection(place.node))

    return Points(f"connection of {_either(wanted)}", find)


def _connection(given: Node) -> Node:
    around = [each for each in ancestors(given) if each.type in ("function_call", "assignment_statement")]
    return around[0] if around and given.type not in LOOPS and given.type != "function_declaration" else given


def handed(event: str, position: int) -> Points:
    """Uses of what an event hands to its handlers, by its position from 1: ``handed("InputBegan", 2)``."""

    def find(program: Program) -> Iterator[Place]:
        for script, given in program.handed_to(event):
            handler = given if given.type in FUNCTIONS else function_meant(given, script.document.scopes)
            names = parameters(handler)[position - 1 : position] if handler is not None else []
            for name in names:
                variable = script.document.scopes.variable(name)
                yield from (Place(script, use) for use in (variable.reads if variable else []))

    return Points(f"use of argument {position} of {event}", find)


def once() -> Points:
    """``event:Once(...)``."""
    return _nodes("use of Once", lambda script, node: node.type == "function_call" and method(node) == "Once")


def state() -> Points:
    """Reads of what the scripts themselves remember: a local that outlives the function that sets it, or an entry of
    one; an attribute or a tag that they set; a property that they assign. Debounces and records are among these.
    """

    def find(program: Program) -> Iterator[Place]:
        attributes = {key for script in program.scripts for key in _attributes(script)}
        for script in program.scripts:
            kept = _kept(script)
            fields = {field_name(node) for node in script.nodes if node.type in _DOTS and _is_target(node)}
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
    return of_object and not _is_target(node) and field_name(node) in fields


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


def _is_target(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "variable_list"


def _kept(script: Script) -> set[Variable]:
    """Locals that are set, or whose entries are, and that are still there when the function that does so is left."""
    kept = {v for v in script.document.scopes.variables if any(_outlives(v, write) for write in v.writes)}
    return kept.union(*({v for v in _entry_set(script, node) if _outlives(v, node)} for node in script.nodes))


def _outlives(variable: Variable, write: Node) -> bool:
    home = enclosing_function(variable.declared)
    return home is None or home != enclosing_function(write)


def _entry_set(script: Script, node: Node) -> set[Variable]:
    """The local whose entry this sets, if it does: ``x[key] = value``, ``table.insert(x, value)``."""
    table: Node | None = None
    if node.type == "bracket_index_expression" and _is_target(node):
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


def _either(names: list[str]) -> str:
    return " or ".join(names)
