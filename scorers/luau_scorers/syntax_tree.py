"""Source text to syntax tree. The one module that knows which grammar is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import tree_sitter_luau
from tree_sitter import Language, Node, Parser, Tree

from .masking import mask
from .scopes import Scopes, resolve
from .tokens import Token, tokenize

LUAU = Language(tree_sitter_luau.language())


@dataclass(frozen=True)
class Document:
    """A parsed file.

    ``tree`` is the tree of the source as it stands: call its ``edit`` and hand it to the next ``parse``.
    ``root`` is what rules look at. Where the grammar stumbles over syntax that it does not know, this is the tree
    of the source with that syntax blanked out; offsets are the same, and ``masked`` is true.
    """

    source: bytes
    tree: Tree
    root: Node
    masked: bool

    @cached_property
    def tokens(self) -> list[Token]:
        return tokenize(self.source)

    @cached_property
    def scopes(self) -> Scopes:
        return resolve(self.root, self.source)

    def text(self, node: Node) -> str:
        """The node's own text, as it stands in the source."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    @cached_property
    def errors(self) -> tuple[Node, ...]:
        """The outermost places where the tree is broken, in order."""
        return tuple(_errors(self.root)) if self.root.has_error else ()


def parse(source: bytes, old_tree: Tree | None = None) -> Document:
    """Parse a file. ``old_tree`` is an earlier tree that was told of the edits since; it makes this fast."""
    parser = Parser(LUAU)
    tree = parser.parse(source, old_tree) if old_tree else parser.parse(source)
    if not tree.root_node.has_error:
        return Document(source, tree, tree.root_node, masked=False)
    return Document(source, tree, parser.parse(mask(source)).root_node, masked=True)


def _errors(node: Node) -> Iterator[Node]:
    if node.is_error or node.is_missing:
        yield node
        return
    for child in node.children:
        if child.has_error or child.is_missing:
            yield from _errors(child)
