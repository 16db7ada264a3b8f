"""Kinds of points: calls, assignments, reads, connections, literals."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from luau_scorers.handlers import function_meant, parameters
from luau_scorers.nodes import FUNCTIONS, LOOPS, ancestors, arguments, callee, method, receiver, string_value, text
from tree_sitter import Node

from .program import Program
from .script import INDEXES, Place, Script, field_name
from .vocabulary import Points


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
        return passed and node.type in INDEXES and (field_name(node) in wanted or text(node) in wanted)

    return _nodes(f"call of {_either(wanted)}" + (f' with "{about}"' if about else ""), fits)


def _called(script: Script, node: Node, name: str) -> bool:
    called = callee(node)
    if called is None:
        return False
    cls, colon, wanted = name.partition(":")
    if colon:
        of = receiver(node)
        known = script.document.inference.class_of(of) if of is not None else None
        api = script.document.inference.api
        related = known is None or api.is_a(known, cls) or api.is_a(cls, known)
        return method(node) == wanted and related
    return text(called) == name or (called.type in INDEXES and field_name(called) == name)


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
        if node.type in INDEXES and node.parent is not None and node.parent.type == "variable_list":
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
        return node.type in INDEXES and not target and field_name(node) in wanted

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
            for variable in script.variables:
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


def is_target(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "variable_list"


def _nodes(says: str, fits: Callable[[Script, Node], bool]) -> Points:
    def find(program: Program) -> Iterator[Place]:
        return (place for place in program.places if fits(*place))

    return Points(says, find)


def _either(names: list[str]) -> str:
    return " or ".join(names)
