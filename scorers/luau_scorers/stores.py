"""Calls of DataStores, where the store is known to be one."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from .nodes import descendants, method, text
from .scopes import Scopes

SAVES = ("SetAsync", "UpdateAsync", "IncrementAsync", "RemoveAsync")
REQUESTS = ("GetAsync", *SAVES)
_SOURCES = ("GetDataStore", "GetOrderedDataStore", "GetGlobalDataStore")


def is_store(node: Node, scopes: Scopes) -> bool:
    """Whether this is a DataStore: ``service:GetDataStore(name)`` or a local that holds one."""
    if node.type == "identifier" and (variable := scopes.variable(node)):
        return variable.value is not None and not variable.writes and method(variable.value) in _SOURCES
    return node.type == "function_call" and method(node) in _SOURCES


def store_uses(node: Node, methods: tuple[str, ...], scopes: Scopes) -> Iterator[Node]:
    """Each ``store:Method`` and ``store.Method`` in a node, in order."""
    for each in descendants(node):
        name = each.child_by_field_name("method") or each.child_by_field_name("field")
        table = each.child_by_field_name("table")
        if name is not None and table is not None and text(name) in methods and is_store(table, scopes):
            yield each
