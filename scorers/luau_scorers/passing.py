"""What values reach a variable: by assignment, as the argument of a call, or from an event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from .nodes import FUNCTIONS, ancestors, arguments, callee, method, receiver, text
from .scopes import Scopes, Variable

_CONNECTS = ("Connect", "Once", "ConnectParallel", "connect")


@dataclass(frozen=True, slots=True)
class Handed:
    """What an event hands to the function that is connected to it, as one of its parameters."""

    signal: Node
    index: int


Given = Node | Handed | None  # None is a value that cannot be told


def values(variable: Variable) -> Iterator[Given]:
    """Every value that a local is given."""
    names = variable.declared.parent
    statement = names.parent if names is not None else None
    if variable.value is not None:
        yield variable.value
    elif statement is None or statement.type == "assignment_statement":
        yield None  # one of several values that a call returns
    for write in variable.writes:
        yield assigned_value(write)


def assigned_value(target: Node) -> Node | None:
    """The value that an assignment gives to one of its targets; None where a call gives it together with others."""
    names = target.parent
    statement = names.parent if names is not None else None
    if names is None or statement is None or statement.type != "assignment_statement":
        return None
    given = _expressions(statement)
    index = names.named_children.index(target)
    return given[index] if index < len(given) else None


def passed(parameter: Node, scopes: Scopes) -> Iterator[Given]:
    """Every value that a parameter is given."""
    function = next((node for node in ancestors(parameter) if node.type in FUNCTIONS), None)
    parameters = function.child_by_field_name("parameters") if function is not None else None
    if function is None or parameters is None or parameter.parent not in parameters.named_children:
        return
    index = parameters.named_children.index(parameter.parent)
    variable = holder(function, scopes)
    if variable is None or variable.writes:
        yield _passed(function, index)
        return
    for use in variable.reads:
        yield _passed(use, index)


def holder(function: Node, scopes: Scopes) -> Variable | None:
    """The local that is declared with this function."""
    name = function.child_by_field_name("name") if function.type == "function_declaration" else _named(function)
    variable = scopes.variable(name) if name is not None and name.type == "identifier" else None
    return variable if variable is not None and variable.value == function else None


def _named(value: Node) -> Node | None:
    """``name`` in ``local name = value``, where several names and values may stand side by side."""
    given = value.parent
    names = given.prev_named_sibling if given is not None and given.type == "expression_list" else None
    if given is None or names is None or names.type != "variable_list":
        return None
    declared = names.children_by_field_name("name")
    index = given.named_children.index(value)
    return declared[index] if index < len(declared) else None


def iterated(name: Node) -> Node | None:
    """What ``for _, name in values`` goes through, where it is the second of the names."""
    names = name.parent
    clause = names.parent if names is not None else None
    if names is None or clause is None or clause.type != "for_generic_clause":
        return None
    declared = names.children_by_field_name("name")
    given = _expressions(clause)
    return given[0] if given and len(declared) > 1 and declared[1] == name else None


def _passed(function: Node, index: int) -> Given:
    """What this use of a function gives to its parameter."""
    parent = function.parent
    if parent is None:
        return None
    if parent.type == "function_call" and callee(parent) == function:
        given = arguments(parent)
        return given[index] if index < len(given) else None
    if parent.type == "expression_list":
        target = _target(parent)
        return Handed(target, index) if text(_field(target)) == "OnServerInvoke" and target is not None else None
    call = parent.parent if parent.type == "arguments" else None
    signal = receiver(call) if call is not None and call.type == "function_call" else None
    return Handed(signal, index) if call is not None and signal is not None and method(call) in _CONNECTS else None


def _target(expressions: Node) -> Node | None:
    """``x`` in ``x = value``."""
    statement = expressions.parent
    names = statement.named_children[0] if statement is not None else None
    return names.named_children[0] if names is not None and len(names.named_children) == 1 else None


def _field(index: Node | None) -> Node | None:
    return index.child_by_field_name("field") if index is not None else None


def _expressions(node: Node) -> list[Node]:
    found = next((child for child in node.named_children if child.type == "expression_list"), None)
    return found.named_children if found is not None else []
