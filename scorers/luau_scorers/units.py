"""The statements of a file's main body: what is kept of them from one version of the text to the next."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tree_sitter import Node

from .finding import Edit, Span
from .resolver import Local, Names, Uses, VariableKind, resolve

# What something was worked out from: a name and what was asked of it, or a fact of the whole file.
Key = tuple[Hashable, ...]
_TYPE = re.compile(rb"\btype\s+(?:function\s+)?([A-Za-z_]\w*)")
_TYPE_PARAMETERS = re.compile(rb"\b(?:type|function)\s*[\w.:]*\s*<([^>=]*)>")

_TESTS = (b"IsA", b"ClassName", b"typeof")


class Change(NamedTuple):
    """The bytes from ``start`` to ``old_end`` became those from ``start`` to ``new_end``."""

    start: int
    old_end: int
    new_end: int

    def then(self, other: Change) -> Change:
        """Both in one: this change, and another of the text after it."""
        beyond = max(0, other.old_end - self.new_end)
        end = max(self.new_end, other.old_end) + other.new_end - other.old_end
        return Change(min(self.start, other.start), self.old_end + beyond, end)


class Place(NamedTuple):
    """A node of a unit: its type, and its bytes counted from the unit's first."""

    kind: str
    start: int
    end: int


class Declaration(NamedTuple):
    """A local that a unit adds to the main body, and how the unit itself uses it; offsets count from its start."""

    name: str
    kind: VariableKind
    declared: Place
    value: Place | None
    reads: tuple[int, ...]
    writes: tuple[int, ...]
    in_types: bool
    exported: bool


class OuterUses(NamedTuple):
    """Where a unit uses a name that it does not declare; offsets count from its start."""

    reads: tuple[int, ...]
    writes: tuple[int, ...]
    in_types: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """The names of a unit as the rest of the file sees them; it holds wherever the unit is moved to."""

    declared: tuple[Declaration, ...]
    outer: dict[str, OuterUses]
    inner: frozenset[str]
    types: frozenset[str]


class Unit:
    """One statement or comment of the main body.

    ``checked`` is what the rules found in it, ``shows`` the side on which it runs; ``None`` is not worked out yet.
    """

    __slots__ = ("_names", "_outline", "checked", "end", "node", "shows", "source", "start")

    def __init__(self, node: Node, source: bytes) -> None:
        self.checked: Any = None
        self.shows: Any = None
        self._outline: Outline | None = None
        self.stand(node, source, node.start_byte, node.end_byte)

    def stand(self, node: Node, source: bytes, start: int, end: int) -> None:
        """Take the place of this node in a newer tree, from the byte ``start`` to ``end``. Its text is the same."""
        self.node = node
        self.source = source
        self.start, self.end = start, end
        self._names: Names | None = None

    def moved(self, edit: Edit) -> Edit:
        """An edit whose bytes were counted from the unit's first, counted from the file's first."""
        return Edit(Span(self.start + edit.span.start, self.start + edit.span.end), edit.text)

    @property
    def names(self) -> Names:
        """Its names, with their nodes in the newest tree."""
        if self._names is None:
            self._names = resolve(self.node, self.source)
        return self._names

    @property
    def outline(self) -> Outline:
        """Its names, without nodes."""
        if self._outline is None:
            self._outline = _outline(self.names, self.start, self.source[self.start : self.end])
        return self._outline

    def keys(self) -> set[Key]:
        """All that may be another when this unit becomes another."""
        found: set[Key] = {("named", name) for name in self.outline.inner}
        for each in self.outline.declared:
            found.update((what, each.name) for what in ("named", "declared", "reads", "writes"))
        for name, uses in self.outline.outer.items():
            if uses.reads:
                found.add(("reads", name))
                if self.tests:
                    found.add(("tests", name))
            if uses.writes:
                found.add(("writes", name))
        return found

    @property
    def tests(self) -> bool:
        """Whether this can be a test after which more is known of a variable in all that follows."""
        if self.node.type not in ("if_statement", "function_call"):
            return False
        return any(self.source.find(word, self.start, self.end) >= 0 for word in _TESTS)

    def at(self, place: Place) -> Node:
        """The node at a place."""
        start = self.start + place.start
        node = self.node.descendant_for_byte_range(start, self.start + place.end)
        while node is not None and node.type != place.kind:
            node = node.parent
        assert node is not None
        return node

    def identifiers(self, name: str, offsets: Sequence[int]) -> list[Node]:
        """The identifiers of this name at these offsets."""
        length = len(name.encode())
        return [self.at(Place("identifier", offset, offset + length)) for offset in offsets]


def units(nodes: Sequence[Node], source: bytes) -> list[Unit]:
    """The units of a new file."""
    return [Unit(node, source) for node in nodes]


class Aligned(NamedTuple):
    """The units of a newer version. ``new`` stand where ``gone`` stood, between ``head`` and ``tail``."""

    head: list[Unit]
    gone: list[Unit]
    new: list[Unit]
    tail: list[Unit]


def align(old: list[Unit], nodes: Sequence[Node], source: bytes, change: Change) -> Aligned:
    """Carry units over into a newer version of the file. What the change does not touch is kept as it is.

    The change covers all that is parsed in another way than before, so what lies outside of it is what it was.
    """
    shift = change.new_end - change.old_end
    bounds = [(node.start_byte, node.end_byte) for node in nodes]
    most = min(len(old), len(nodes))
    head = 0
    while head < most and (old[head].start, old[head].end) == bounds[head] and old[head].end < change.start:
        old[head].stand(nodes[head], source, *bounds[head])
        head += 1
    tail = 0
    while tail < most - head:
        unit, (start, end) = old[-1 - tail], bounds[-1 - tail]
        if unit.start <= change.old_end or (unit.start + shift, unit.end + shift) != (start, end):
            break
        unit.stand(nodes[-1 - tail], source, start, end)
        tail += 1
    stay, last = len(old) - tail, len(nodes) - tail
    return Aligned(old[:head], old[head:stay], units(nodes[head:last], source), old[stay:])


def _outline(names: Names, start: int, text: bytes) -> Outline:
    return Outline(
        tuple(_declaration(local, start) for local in names.declared),
        {name: _outer(uses, start) for name, uses in names.outer.items()},
        frozenset(local.name for local in names.inner),
        _own_types(text),
    )


def _declaration(local: Local, start: int) -> Declaration:
    value = local.value
    return Declaration(
        local.name,
        local.kind,
        _place(local.declared, start),
        _place(value, start) if value is not None else None,
        tuple(node.start_byte - start for node in local.reads),
        tuple(node.start_byte - start for node in local.writes),
        local.in_types,
        local.exported,
    )


def _outer(uses: Uses, start: int) -> OuterUses:
    return OuterUses(
        tuple([node.start_byte - start for node in uses.reads]),
        tuple([node.start_byte - start for node in uses.writes]),
        uses.in_types,
    )


def _place(node: Node, start: int) -> Place:
    return Place(node.type, node.start_byte - start, node.end_byte - start)


def _own_types(text: bytes) -> frozenset[str]:
    """Names of types that a unit declares, type parameters included: these are no classes of Roblox."""
    found: set[str] = set()
    if b"type" in text:
        found.update(name.decode() for name in _TYPE.findall(text))
    if b"<" in text:
        for parameters in _TYPE_PARAMETERS.findall(text):
            found.update(name.decode() for name in re.findall(rb"\w+", parameters))
    return frozenset(found)
