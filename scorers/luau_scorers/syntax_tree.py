"""Source text to syntax tree. The one module that knows which grammar is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from time import thread_time
from typing import Literal

from tree_sitter import Language, Node, Parser, Point, Tree

from .depth import first_deeper
from .grammar import language
from .inference import Inference
from .scopes import Scopes, resolve
from .tokens import Token, tokenize

Side = Literal["server", "client"]
LUAU = Language(language())
# Three times what real code has; far more, and walks up from each node to the root take for ever.
DEEPEST = 250
# Of the processor. Many times what real files take: text that is no Luau at all can keep the parser busy for hours.
MOST_SECONDS = 5.0


@dataclass(frozen=True)
class Document:
    """A parsed file.

    After a change of the text, call ``tree.edit`` and hand the tree to the next ``parse``.
    ``side`` is where the script runs, where more is known than its text. Where ``given_up``, parsing took too long,
    and the tree is that of an empty file.
    """

    source: bytes
    tree: Tree
    side: Side | None = None
    given_up: bool = False

    @cached_property
    def root(self) -> Node:
        return self.tree.root_node

    @cached_property
    def tokens(self) -> list[Token]:
        return tokenize(self.source)

    @cached_property
    def scopes(self) -> Scopes:
        return resolve(self.root, self.source)

    @cached_property
    def inference(self) -> Inference:
        return Inference(self)

    def text(self, node: Node) -> str:
        """The node's own text, as it stands in the source."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    @cached_property
    def too_deep(self) -> Node | None:
        """What is nested too deeply to be looked at, if something is."""
        return first_deeper(self.root, DEEPEST)

    @cached_property
    def errors(self) -> tuple[Node, ...]:
        """The outermost places where the tree is broken, in order."""
        return tuple(_errors(self.root)) if self.root.has_error else ()


def parse(source: bytes, old_tree: Tree | None = None, side: Side | None = None) -> Document:
    """Parse a file. ``old_tree`` is an earlier tree that was told of the edits since; it makes this fast."""
    try:
        return Document(source, _parse(source, old_tree), side)
    except TimeoutError:
        return Document(source, Parser(LUAU).parse(b""), side, given_up=True)


# Bytes that the parser gets at a time: it asks for a node's text this way too.
_PIECE = 1 << 12


def _parse(source: bytes, old_tree: Tree | None) -> Tree:
    until = thread_time() + MOST_SECONDS

    def read(at: int, _: Point) -> bytes:
        return source[at : at + _PIECE]

    def has_to_stop(_at: int, _in_error: bool) -> bool:
        return thread_time() > until

    try:
        if old_tree is None:
            return Parser(LUAU).parse(read, progress_callback=has_to_stop)
        return Parser(LUAU).parse(read, old_tree, progress_callback=has_to_stop)
    except ValueError:  # it was stopped
        raise TimeoutError from None


def _errors(root: Node) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        if node.is_error or node.is_missing:
            yield node
        else:
            pending += [child for child in reversed(node.children) if child.has_error or child.is_missing]
