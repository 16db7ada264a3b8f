"""Small questions about nodes that many rules ask."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from .scopes import Scopes

FUNCTIONS = ("function_declaration", "function_definition")
LOOPS = ("while_statement", "repeat_statement", "for_statement")
BODIES = ("chunk", "block")


def ancestors(node: Node) -> Iterator[Node]:
    """The nodes around a node, innermost first."""
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def descendants(node: Node, skip: tuple[str, ...] = ()) -> Iterator[Node]:
    """Every named node below a node, in order; nodes of the types to skip are left out with all that is in them."""
    pending = node.named_children[::-1]
    while pending:
        below = pending.pop()
        if below.type not in skip:
            yield below
            pending += reversed(below.named_children)


def text(node: Node | None) -> str:
    """The node's text; empty for no node."""
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def callee(call: Node) -> Node | None:
    """What a call calls."""
    return call.child_by_field_name("name")


def arguments(call: Node) -> list[Node]:
    """What a call passes."""
    node = call.child_by_field_name("arguments")
    return [child for child in node.named_children if child.type != "comment"] if node is not None else []


def method(call: Node) -> str:
    """The method's name in ``x:method()``; empty for another call."""
    name = callee(call)
    if name is None or name.type != "method_index_expression":
        return ""
    return text(name.child_by_field_name("method"))


def receiver(call: Node) -> Node | None:
    """``x`` in ``x:method()``."""
    name = callee(call)
    return name.child_by_field_name("table") if name is not None and name.type == "method_index_expression" else None


def is_statement(node: Node) -> bool:
    """Whether this is a statement, so that its value is not used."""
    return node.parent is not None and node.parent.type in BODIES


def enclosing_function(node: Node) -> Node | None:
    """The innermost function around a node, or None in the file's main body."""
    return next((above for above in ancestors(node) if above.type in FUNCTIONS), None)


def string_value(node: Node) -> str | None:
    """The text inside a plain string without escapes; None for anything else."""
    if node.type != "string" or any(child.type == "interpolation" for child in node.named_children):
        return None
    inside = text(node)
    if len(inside) < 2 or inside[0] not in "\"'" or "\\" in inside:
        return None
    return inside[1:-1]


def calls_builtin(call: Node, name: str, scopes: Scopes) -> bool:
    """Whether this calls the global of this name, such as ``pcall`` or ``Instance.new``, nothing else so named."""
    called = callee(call)
    if called is None or text(called) != name:
        return False
    first = called
    while first.type == "dot_index_expression":
        table = first.child_by_field_name("table")
        if table is None:
            return False
        first = table
    return first.type == "identifier" and scopes.builtin(first)
