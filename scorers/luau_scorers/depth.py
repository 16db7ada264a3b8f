"""How deeply a tree is nested."""

from __future__ import annotations

from tree_sitter import Node


def first_deeper(root: Node, limit: int) -> Node | None:
    """A node more than so many levels below the root, or None where no node is.

    Only what has nodes enough to be so deep is looked into, so that this costs next to nothing on ordinary files.
    """
    pending = [(root, 0)]
    while pending:
        node, depth = pending.pop()
        if depth > limit:
            return node
        least = limit - depth + 1
        pending += [(child, depth + 1) for child in reversed(node.children) if child.descendant_count >= least]
    return None
