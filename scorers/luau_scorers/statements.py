"""What statements do to those around them: which leave their block, and how one is taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from .finding import Edit, Span
from .nodes import BODIES, FUNCTIONS, LOOPS, callee, descendants, text

if TYPE_CHECKING:
    from .syntax_tree import Document

_LEAVES = ("return_statement", "break_statement", "continue_statement")


def statements(block: Node | None) -> list[Node]:
    """The statements of a block; comments and lone semicolons left out."""
    children = block.named_children if block is not None else []
    return [child for child in children if child.type not in ("comment", "empty_statement")]


def following(statement: Node, document: Document) -> list[Node]:
    """The statements after this one in its block."""
    found = []
    after = document.after(statement)
    while after is not None:
        if after.type not in ("comment", "empty_statement"):
            found.append(after)
        after = after.next_named_sibling
    return found


def enclosing_statement(node: Node) -> Node:
    """The innermost statement that this node is part of."""
    while node.parent is not None and node.parent.type not in BODIES:
        node = node.parent
    return node


def raises(node: Node) -> bool:
    """Whether this calls ``error``."""
    return node.type == "function_call" and text(callee(node)) == "error"


def leaves(statement: Node) -> bool:
    """Whether nothing after this statement in its block can run: each way through it returns, breaks or raises."""
    if statement.type in _LEAVES or raises(statement):
        return True
    return statement.type == "if_statement" and all(_branch_leaves(branch) for branch in branches(statement))


def branches(statement: Node) -> list[Node | None]:
    """The bodies of an ``if`` statement; an ``else`` that is not there is None, as an empty body is."""
    found = [statement.child_by_field_name("consequence")]
    others = statement.children_by_field_name("alternative")
    for other in others:
        field = "body" if other.type == "else_statement" else "consequence"
        found.append(other.child_by_field_name(field))
    if not others or others[-1].type != "else_statement":
        found.append(None)
    return found


def _branch_leaves(block: Node | None) -> bool:
    inside = statements(block)
    return bool(inside) and leaves(inside[-1])


def breaks(loop: Node) -> bool:
    """Whether a ``break`` in the loop's body leaves this loop, not one inside it."""
    return any(node.type == "break_statement" for node in descendants(loop, skip=(*FUNCTIONS, *LOOPS)))


def removal(statement: Node, document: Document) -> Edit | None:
    """The edit that takes a statement away, its line with it where nothing else stands there.

    None where the next line starts with a bracket: it would then continue the line before.
    """
    source, after = document.source, following(statement, document)
    if after and source[after[0].start_byte : after[0].start_byte + 1] == b"(":
        return None
    start = source.rfind(b"\n", 0, statement.start_byte) + 1
    end = source.find(b"\n", statement.end_byte) + 1 or len(source)
    alone = not source[start : statement.start_byte].strip() and not source[statement.end_byte : end].strip()
    return Edit(Span(start, end) if alone else Span(statement.start_byte, statement.end_byte), "")
