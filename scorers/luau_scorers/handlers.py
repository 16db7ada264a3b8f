"""Functions that serve events: which event, of which object, with which parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from .flow import local_of
from .nodes import FUNCTIONS, arguments, callee, enclosing_function, method, receiver, text
from .scopes import Scopes, Variable

CONNECTS = ("Connect", "Once", "ConnectParallel")
# These are set, not connected.
_CALLBACKS = ("OnServerInvoke", "OnClientInvoke", "OnInvoke", "ProcessReceipt")


@dataclass(frozen=True, slots=True)
class Handler:
    """One event that a function serves; ``connect`` is the call or the assignment that says so."""

    event: str
    connect: Node


def connection(call: Node) -> tuple[Node, str] | None:
    """``object`` and ``"Event"`` in ``object.Event:Connect(...)``."""
    event = receiver(call) if method(call) in CONNECTS else None
    return _member(event) if event is not None and event.type == "dot_index_expression" else None


def handlers(function: Node, scopes: Scopes) -> Iterator[Handler]:
    """Every event that this function is known to serve, as a literal or by its name."""
    for use in _mentions(function, scopes):
        if handler := _handler(use):
            yield handler
    if function.type == "function_declaration" and (name := callee(function)) and name.type == "dot_index_expression":
        member = _member(name)
        if member and member[1] in _CALLBACKS:
            yield Handler(member[1], function)


def serves(function: Node | None, events: tuple[str, ...], scopes: Scopes) -> bool:
    """Whether this function is known to serve one of these events."""
    return function is not None and any(handler.event in events for handler in handlers(function, scopes))


def function_meant(node: Node | None, scopes: Scopes) -> Node | None:
    """The function that an expression is: a literal, or the name of one that is set once."""
    if node is None or node.type == "function_definition":
        return node
    if node.type != "identifier":
        return None
    if variable := scopes.variable(node):
        value = variable.value
        return value if value is not None and value.type in FUNCTIONS and not variable.writes else None
    writes = scopes.global_writes(text(node))
    declared = writes[0].parent if len(writes) == 1 else None
    return declared if declared is not None and declared.type == "function_declaration" else None


def handler_given(call: Node, scopes: Scopes) -> Node | None:
    """The function that ``event:Connect(function)`` hands over."""
    given = arguments(call)
    return function_meant(given[0], scopes) if given else None


def parameters(function: Node) -> list[Node]:
    """The names of a function's parameters."""
    node = function.child_by_field_name("parameters")
    parts = [parameter.named_children[:1] for parameter in node.named_children] if node is not None else []
    return [name for part in parts for name in part if name.type == "identifier"]


def first_parameter_of(variable: Variable | None, events: tuple[str, ...], scopes: Scopes) -> bool:
    """Whether this is what one of these events hands to its handler first, such as the player."""
    if variable is None or variable.kind != "parameter" or variable.declared.type != "identifier":
        return False
    function = enclosing_function(variable.declared)
    return function is not None and parameters(function)[:1] == [variable.declared] and serves(function, events, scopes)


def _member(index: Node) -> tuple[Node, str] | None:
    table, field = index.child_by_field_name("table"), index.child_by_field_name("field")
    return (table, text(field)) if table is not None else None


def _mentions(function: Node, scopes: Scopes) -> list[Node]:
    """Where this function is handed on: the literal itself, or each use of its name."""
    if function.type == "function_definition":
        name = local_of(function)
        variable = scopes.variable(name) if name is not None else None
        return [function] if variable is None or variable.writes else [function, *variable.reads]
    name = callee(function)
    if name is None or function_meant(name, scopes) != function:
        return []
    variable = scopes.variable(name)
    return variable.reads if variable is not None else scopes.global_reads(text(name))


def _handler(use: Node) -> Handler | None:
    above = use.parent
    if above is None or above.parent is None:
        return None
    if above.type == "arguments":
        if method(above.parent) == "BindToRenderStep" and arguments(above.parent)[-1] == use:
            return Handler("BindToRenderStep", above.parent)
        found = connection(above.parent)
        return Handler(found[1], above.parent) if found and arguments(above.parent)[:1] == [use] else None
    targets = above.prev_named_sibling
    if above.type != "expression_list" or targets is None or len(targets.named_children) != 1:
        return None
    member = _member(targets.named_children[0])
    return Handler(member[1], above.parent) if member and member[1] in _CALLBACKS else None
