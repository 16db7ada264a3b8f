"""Calls of DataStores, where the store is known to be one."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from .nodes import descendants, method, receiver, text
from .syntax_tree import Document

SAVES = ("SetAsync", "UpdateAsync", "IncrementAsync", "RemoveAsync")
REQUESTS = ("GetAsync", *SAVES)
_SOURCES = ("GetDataStore", "GetOrderedDataStore", "GetGlobalDataStore")


def is_store(node: Node, document: Document) -> bool:
    """Whether this is a DataStore: ``DataStoreService:GetDataStore(name)`` or a local that holds one.

    Modules that stand in for Roblox's service, in tests or to try again, have methods of the same names.
    """
    if node.type == "identifier" and (variable := document.scopes.variable(node)):
        return variable.value is not None and not variable.writes and is_store(variable.value, document)
    service = receiver(node) if node.type == "function_call" and method(node) in _SOURCES else None
    return service is not None and document.inference.class_of(service) == "DataStoreService"


def store_uses(node: Node, methods: tuple[str, ...], document: Document) -> Iterator[Node]:
    """Each ``store:Method`` and ``store.Method`` in a node, in order."""
    for each in descendants(node):
        name = each.child_by_field_name("method") or each.child_by_field_name("field")
        table = each.child_by_field_name("table")
        if name is not None and table is not None and text(name) in methods and is_store(table, document):
            yield each
