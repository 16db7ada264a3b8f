"""Connections that pile up: the same event connected again each time that a handler or a loop runs."""

from __future__ import annotations

from tree_sitter import Node

from .flow import within
from .handlers import connection
from .nodes import arguments, is_statement, method, receiver, string_value, text
from .scopes import Scopes

_LASTING = ("workspace", "game", "script")
_REMOTES = ("OnServerEvent", "OnClientEvent")


def dropped(call: Node) -> bool:
    """Whether this connects an event and keeps nothing to disconnect it with."""
    return is_statement(call) and connection(call) is not None


def outlives(call: Node, turn: Node, scopes: Scopes) -> bool:
    """Whether what this call connects is there before the turn (a handler, a loop's body) and stays the same."""
    found = connection(call)
    if found is None:
        return False
    source, event = found
    if event in _REMOTES:
        while source.type == "dot_index_expression" and (table := source.child_by_field_name("table")):
            source = table
    if is_service(source, scopes):
        return True
    variable = scopes.variable(source) if source.type == "identifier" else None
    if variable is None:
        return source.type == "identifier" and text(source) in _LASTING and scopes.builtin(source)
    if within(variable.declared, turn) or variable.writes:
        return False
    return event not in _REMOTES or source.parent == receiver(call) or _holds_service(source, scopes)


def is_service(node: Node, scopes: Scopes) -> bool:
    """Whether this is ``game:GetService("X")`` or ``game.X``."""
    if node.type == "function_call":
        return method(node) == "GetService" and bool(arguments(node)) and string_value(arguments(node)[0]) is not None
    table = node.child_by_field_name("table") if node.type == "dot_index_expression" else None
    return table is not None and text(table) == "game" and scopes.builtin(table)


def _holds_service(name: Node, scopes: Scopes) -> bool:
    variable = scopes.variable(name)
    return variable is not None and variable.value is not None and is_service(variable.value, scopes)
