"""Source text to syntax tree. The one module that knows which grammar is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic, thread_time
from typing import Any, Literal, TypeVar

from tree_sitter import Language, Node, Parser, Point, Tree

from .depth import first_deeper
from .finding import Span
from .grammar import language
from .inference import Inference
from .links import Shared
from .remembered import Remembered
from .scopes import EVERYTHING, Scopes, Update
from .units import Change, Key

Side = Literal["server", "client"]
T = TypeVar("T")
BESIDE: Key = ("beside",)  # what stands right before and after a statement of the main body
LUAU = Language(language())
# Three times what real code has; far more, and walks up from each node to the root take for ever.
DEEPEST = 250
# Of the processor. Many times what real files take: text that is no Luau at all can keep the parser busy for hours.
MOST_SECONDS = 5.0
_MOMENT = 0.02  # most work is done before
_BLANKS = 64  # so many are looked at beside what is broken


@dataclass(frozen=True, eq=False)
class Document:
    """A parsed file.

    ``side`` is where the script runs, where more is known than its text. Where ``given_up``, parsing took too long,
    and the tree is that of an empty file. ``facts`` are what was asked about the file as a whole, each with how to work
    it out, and ``mentioned`` the words that were asked for; ``scopes`` listens to what is asked.
    """

    source: bytes
    tree: Tree
    side: Side | None = None
    given_up: bool = False
    facts: dict[Key, tuple[Callable[[Document], Any], Any]] = field(default_factory=dict)
    mentioned: dict[tuple[bytes, ...], bool] = field(default_factory=dict)
    updated: Scopes | None = None  # those of an earlier version, brought up to date
    types: Remembered[Shared, str | None] | None = None  # what is known from then
    window: Span | None = None  # where it is broken, if that is known better than from the tree

    @cached_property
    def root(self) -> Node:
        return self.tree.root_node

    @cached_property
    def scopes(self) -> Scopes:
        return self.updated or Scopes(self.root.named_children, self.source)

    @cached_property
    def inference(self) -> Inference:
        return Inference(self, self.types)

    def text(self, node: Node) -> str:
        """The node's own text, as it stands in the source."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def fact(self, key: Key, work_out: Callable[[Document], T]) -> T:
        """What is true of the file as a whole. It is worked out once."""
        if key not in self.facts:
            with self.scopes.looked.apart():
                self.facts[key] = work_out, work_out(self)
        self.scopes.looked.keys.add(key)
        found: T = self.facts[key][1]
        return found

    def after(self, statement: Node) -> Node | None:
        """The statement or comment after this one in its block."""
        self._look_beside(statement)
        return statement.next_named_sibling

    def before(self, statement: Node) -> Node | None:
        """The statement or comment before this one in its block."""
        self._look_beside(statement)
        return statement.prev_named_sibling

    def _look_beside(self, statement: Node) -> None:
        block = statement.parent
        if block is not None and block.parent is None:  # in the main body
            self.scopes.looked.keys.add(BESIDE)

    def statements(self) -> list[Node]:
        """The statements and comments of the main body."""
        self.scopes.looked.keys.add(EVERYTHING)
        return self.root.named_children

    def mentions(self, *words: bytes) -> bool:
        """Whether one of these stands anywhere in the text."""
        if words not in self.mentioned:
            self.mentioned[words] = _any_in(self.source, words)
        self.scopes.looked.keys.add(_mentions(words))
        return self.mentioned[words]

    def carry_mentions(self, before: Document, change: Change) -> Iterator[Key]:
        """Work out again what an earlier version was asked to mention, and give the keys of what is another now.

        Words that stood nowhere can stand only where the change is.
        """
        for words, known in before.mentioned.items():
            longest = max(map(len, words))
            near = self.source[max(0, change.start - longest) : change.new_end + longest]
            self.mentioned[words] = _any_in(near, words) or (known and _any_in(self.source, words))
            if self.mentioned[words] != known:
                yield _mentions(words)

    @cached_property
    def too_deep(self) -> Node | None:
        """What is nested too deeply to be looked at, if something is."""
        return first_deeper(self.root, DEEPEST)

    @cached_property
    def errors(self) -> tuple[Node, ...]:
        """The outermost places where the tree is broken, in order."""
        return tuple(_errors(self.root)) if self.root.has_error else ()

    @cached_property
    def broken(self) -> tuple[tuple[int, int], ...]:
        """Where these start and end, with the blanks around them: what stands right beside them is a guess as well."""
        return tuple(_with_blanks(node, self.source) for node in self.errors)


def parse(source: bytes, side: Side | None = None) -> Document:
    """Parse a file."""
    try:
        return Document(source, _parse(source, None), side)
    except TimeoutError:
        return Document(source, Parser(LUAU).parse(b""), side, given_up=True)


def edited(tree: Tree, before: bytes, after: bytes, change: Change) -> Tree:
    """A copy of a tree that is told of a change, so that the next one can be made from it."""
    copy = tree.copy()
    points = _point(before, change.start), _point(before, change.old_end), _point(after, change.new_end)
    copy.edit(*change, *points)
    return copy


def reparse(source: bytes, old: Tree, change: Change) -> Tree | None:
    """The tree of a text from that of an earlier one, which was told of all changes since. It is much faster than anew.

    None where it takes too long or is nested too deeply.
    """
    try:
        if change.new_end - change.start < _PIECE and not old.root_node.has_error:
            tree = Parser(LUAU).parse(source, old)  # what is typed by hand into Luau keeps nobody busy
        else:
            tree = _parse(source, old)
    except TimeoutError:
        return None
    return None if first_deeper(tree.root_node, DEEPEST) else tree


def successor(document: Document, source: bytes, tree: Tree, old: Tree, change: Change) -> tuple[Document, Update]:
    """The document that a change makes of another, which is of no use any more. ``old`` is its tree, told of it."""
    for piece in old.changed_ranges(tree):
        start, end = min(change.start, piece.start_byte), max(change.new_end, piece.end_byte)
        change = Change(start, change.old_end + end - change.new_end, end)
    update = document.scopes.update(tree.root_node.named_children, source, change)
    types = document.inference.shared
    return Document(source, tree, document.side, updated=document.scopes, types=types), update


def _mentions(words: tuple[bytes, ...]) -> Key:
    return "mentions", words


def _any_in(text: bytes, words: tuple[bytes, ...]) -> bool:
    return any(word in text for word in words)


def _point(source: bytes, at: int) -> Point:
    line = source.rfind(b"\n", 0, at) + 1
    return Point(source.count(b"\n", 0, line), at - line)


class Clock:
    """Whether the processor has been busy for too long. To look at the time that went by is much cheaper."""

    def __init__(self) -> None:
        self._started = monotonic()
        self._used: float | None = None

    def is_over(self) -> bool:
        """Whether ``MOST_SECONDS`` were used since it was made, but for the very first moments."""
        gone = monotonic() - self._started
        if self._used is None and gone > _MOMENT:
            self._used = thread_time()
        return gone > MOST_SECONDS and thread_time() - (self._used or 0) > MOST_SECONDS


# Bytes that the parser gets at a time: it asks for a node's text this way too.
_PIECE = 1 << 12


def _parse(source: bytes, old_tree: Tree | None) -> Tree:
    clock = Clock()

    def read(at: int, _: Point) -> bytes:
        return source[at : at + _PIECE]

    def has_to_stop(_at: int, _in_error: bool) -> bool:
        return clock.is_over()

    try:
        parser = Parser(LUAU)
        if old_tree is None:
            tree = parser.parse(read, progress_callback=has_to_stop)
        else:
            tree = parser.parse(read, old_tree, progress_callback=has_to_stop)
        # The same tree over bytes: of one that is read piece by piece, the text of a node is slow to get.
        return parser.parse(source, tree)
    except ValueError:  # it was stopped
        raise TimeoutError from None


def _with_blanks(node: Node, source: bytes) -> tuple[int, int]:
    before, after = (
        source[max(0, node.start_byte - _BLANKS) : node.start_byte],
        source[node.end_byte : node.end_byte + _BLANKS],
    )
    return (
        node.start_byte - len(before) + len(before.rstrip(b" \t")),
        node.end_byte + len(after) - len(after.lstrip(b" \t")),
    )


def _errors(root: Node) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        if node.is_error or node.is_missing:
            yield node
        else:
            pending += [child for child in reversed(node.children) if child.has_error or child.is_missing]
