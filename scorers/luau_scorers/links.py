"""Which statements of the main body declare a name, and which use it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter

from tree_sitter import Node

from .resolver import VariableKind
from .units import Declaration, Key, OuterUses, Unit

_start = attrgetter("start")
_unit_start = attrgetter("unit.start")


class Looked:
    """What has been asked since somebody began to listen."""

    __slots__ = ("keys",)

    def __init__(self) -> None:
        self.keys: set[Key] = set()

    @contextmanager
    def apart(self) -> Iterator[set[Key]]:
        """The keys that are asked inside; they count for nobody else."""
        outside, self.keys = self.keys, set()
        try:
            yield self.keys
        finally:
            self.keys = outside


class Shared:
    """A local of the main body, which every statement below its declaration may use.

    It is asked as a ``Local`` is. What is asked of it is noted, since the answer may come from any part of the file.
    """

    __slots__ = ("_index", "_links", "kind", "name", "unit")

    def __init__(self, unit: Unit, index: int, links: Links) -> None:
        self.name: str = unit.outline.declared[index].name
        self.kind: VariableKind = unit.outline.declared[index].kind
        self.unit = unit
        self._index = index
        self._links = links

    def _note(self, asked: str) -> None:
        self._links.looked.keys.add((asked, self.name))

    @property
    def _declaration(self) -> Declaration:
        self._note("declared")
        return self.unit.outline.declared[self._index]

    @property
    def declared(self) -> Node:
        """The name where it is declared."""
        return self.unit.at(self._declaration.declared)

    @property
    def value(self) -> Node | None:
        """What it is declared with, where that is one expression of its own."""
        place = self._declaration.value
        return self.unit.at(place) if place is not None else None

    @property
    def exported(self) -> bool:
        """Whether other scripts read it."""
        return self._declaration.exported

    @property
    def hides(self) -> Shared | None:
        """The local of the same name that its declaration puts out of reach."""
        self._note("declared")
        return self._links.before(self)

    @property
    def users(self) -> Sequence[Unit]:
        """The statements below its own that use it. What they are is for the caller to note."""
        return self._links.users(self)

    @property
    def is_read(self) -> bool:
        """Whether anything reads it."""
        self._note("reads")
        return bool(self._declaration.reads) or any(unit.outline.outer[self.name].reads for unit in self.users)

    @property
    def in_types(self) -> bool:
        """Whether a type may use it."""
        return self._declaration.in_types or any(unit.outline.outer[self.name].in_types for unit in self.users)

    @property
    def reads(self) -> list[Node]:
        """Every place that reads it, in order."""
        self._note("reads")
        return self._nodes("reads", self._declaration.reads, lambda uses: uses.reads)

    @property
    def writes(self) -> list[Node]:
        """Every place that sets it, its declaration left out, in order."""
        self._note("writes")
        return self._nodes("writes", self._declaration.writes, lambda uses: uses.writes)

    def reads_of(self, users: Iterable[Unit]) -> Iterator[Node]:
        """Every place in these statements that reads it. What they are is for the caller to note."""
        for unit in users:
            if unit is self.unit:
                yield from unit.identifiers(self.name, self._declaration.reads)
            elif (uses := unit.outline.outer.get(self.name)) and uses.reads:
                yield from unit.identifiers(self.name, uses.reads)

    def _nodes(self, what: str, own: Sequence[int], which: Callable[[OuterUses], Sequence[int]]) -> list[Node]:
        known = self._links.nodes.get((self, what))
        if known is None:
            known = self._links.nodes[self, what] = self.unit.identifiers(self.name, own)
            for unit in self.users:
                if offsets := which(unit.outline.outer[self.name]):
                    known += unit.identifiers(self.name, offsets)
        return known


class Links:
    """What each name means that a statement of the main body uses and does not declare itself.

    ``nodes`` are those that were worked out in the newest tree. ``globals`` are the names that are read or set as one.
    """

    def __init__(self) -> None:
        self.looked = Looked()
        self.nodes: dict[tuple[Shared, str], list[Node]] = {}
        self._declared: dict[Unit, list[Shared]] = {}
        self._declaring: dict[str, list[Shared]] = defaultdict(list)  # in the order of the text, as all here
        self._using: dict[str, list[Unit]] = defaultdict(list)
        self.globals: set[str] = set()

    def exchange(self, gone: Sequence[Unit], new: Sequence[Unit]) -> None:
        """Put some statements, which stand side by side, in the place of others."""
        self.nodes.clear()
        declared = {each.name for unit in (*gone, *new) for each in unit.outline.declared}
        used = {name for unit in (*gone, *new) for name in unit.outline.outer}
        if gone:
            self._remove(set(gone), declared, used)
        for unit in new:
            self._add(unit)
        for name in declared | used:
            uses = (unit.outline.outer[name] for unit in self.global_users(name))
            if any(each.reads or each.writes for each in uses):
                self.globals.add(name)
            else:
                self.globals.discard(name)

    def _remove(self, gone: set[Unit], declared: set[str], used: set[str]) -> None:
        for unit in gone:
            self._declared.pop(unit, None)
        for name in declared:
            self._declaring[name] = [each for each in self._declaring[name] if each.unit not in gone]
        for name in used:
            self._using[name] = [unit for unit in self._using[name] if unit not in gone]

    def _add(self, unit: Unit) -> None:
        for name in unit.outline.outer:
            using = self._using[name]
            using.insert(bisect_right(using, unit.start, key=_start), unit)
        if unit.outline.declared:
            self._declared[unit] = [Shared(unit, index, self) for index in range(len(unit.outline.declared))]
            for each in self._declared[unit]:
                declaring = self._declaring[each.name]
                declaring.insert(bisect_right(declaring, unit.start, key=_unit_start), each)

    def declared(self, unit: Unit) -> Sequence[Shared]:
        """The locals that a statement adds to the main body."""
        return self._declared.get(unit, ())

    def meant(self, unit: Unit, name: str) -> Shared | None:
        """What a name means that a statement uses and does not declare itself; None is a global."""
        declaring = self._declaring.get(name, ())
        above = bisect_left(declaring, unit.start, key=_unit_start)
        return declaring[above - 1] if above else None

    def before(self, shared: Shared) -> Shared | None:
        """The local of the same name that is declared before this one."""
        declaring = self._declaring[shared.name]
        index = declaring.index(shared)
        return declaring[index - 1] if index else None

    def users(self, shared: Shared) -> Sequence[Unit]:
        """The statements that use it, but for its own."""
        declaring, using = self._declaring[shared.name], self._using.get(shared.name, [])
        following = declaring.index(shared) + 1
        first = bisect_right(using, shared.unit.start, key=_start)
        if following == len(declaring):
            return using[first:]
        return using[first : bisect_right(using, declaring[following].unit.start, key=_start)]

    def global_users(self, name: str) -> Sequence[Unit]:
        """The statements in which a name means a global."""
        declaring, using = self._declaring.get(name), self._using.get(name, [])
        return using[: bisect_right(using, declaring[0].unit.start, key=_start)] if declaring else using
