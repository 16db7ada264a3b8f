"""What each name in a file refers to, and which answers depend on what."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import NamedTuple

from tree_sitter import Node

from .resolver import Local, Names, VariableKind
from .units import Change, Declaration, Key, OuterUses, Unit, align, units

EVERYTHING: Key = ("everything",)


class Shared:
    """A local of the main body, which every statement below its declaration may use.

    It is asked as a ``Local`` is. What is asked of it is noted, since the answer may come from any part of the file.
    """

    __slots__ = ("_hides", "_index", "_looked", "_reads", "_writes", "kind", "name", "unit", "users")

    def __init__(self, unit: Unit, index: int, hides: Shared | None, looked: Looked) -> None:
        self.name: str = unit.outline.declared[index].name
        self.kind: VariableKind = unit.outline.declared[index].kind
        self.users: list[Unit] = []
        self.unit = unit
        self._index = index
        self._hides = hides
        self._looked = looked
        self.forget()

    def forget(self) -> None:
        """Let go of nodes, which are of an older tree."""
        self._reads: list[Node] | None = None
        self._writes: list[Node] | None = None

    @property
    def _declaration(self) -> Declaration:
        self._looked.keys.add(("declared", self.name))
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
        self._looked.keys.add(("declared", self.name))
        return self._hides

    @property
    def is_read(self) -> bool:
        """Whether anything reads it."""
        self._looked.keys.add(("reads", self.name))
        return bool(self._declaration.reads) or any(unit.outline.outer[self.name].reads for unit in self.users)

    @property
    def in_types(self) -> bool:
        """Whether a type may use it."""
        return self._declaration.in_types or any(unit.outline.outer[self.name].in_types for unit in self.users)

    @property
    def reads(self) -> list[Node]:
        """Every place that reads it, in order."""
        self._looked.keys.add(("reads", self.name))
        if self._reads is None:
            self._reads = self._nodes(self._declaration.reads, lambda uses: uses.reads)
        return self._reads

    @property
    def writes(self) -> list[Node]:
        """Every place that sets it, its declaration left out, in order."""
        self._looked.keys.add(("writes", self.name))
        if self._writes is None:
            self._writes = self._nodes(self._declaration.writes, lambda uses: uses.writes)
        return self._writes

    def reads_of(self, users: Iterable[Unit]) -> Iterator[Node]:
        """Every place in these statements that reads it. What they are is for the caller to note."""
        for unit in users:
            if unit is self.unit:
                yield from unit.identifiers(self.name, self._declaration.reads)
            elif (uses := unit.outline.outer.get(self.name)) and uses.reads:
                yield from unit.identifiers(self.name, uses.reads)

    def _nodes(self, own: Sequence[int], which: Callable[[OuterUses], Sequence[int]]) -> list[Node]:
        found = self.unit.identifiers(self.name, own)
        for unit in self.users:
            if offsets := which(unit.outline.outer[self.name]):
                found += unit.identifiers(self.name, offsets)
        return found


Variable = Local | Shared


class Looked:
    """What has been asked since somebody began to listen."""

    __slots__ = ("keys",)

    def __init__(self) -> None:
        self.keys: set[Key] = set()

    @contextmanager
    def listening(self) -> Iterator[set[Key]]:
        """The keys that are asked inside; they count for whoever listens outside as well."""
        outside = self.keys
        with self.apart() as inside:
            yield inside
        outside |= inside

    @contextmanager
    def apart(self) -> Iterator[set[Key]]:
        """The keys that are asked inside; they count for nobody else."""
        outside, self.keys = self.keys, set()
        try:
            yield self.keys
        finally:
            self.keys = outside


class Update(NamedTuple):
    """The units from ``first`` to ``last`` (exclusive) are new; ``keys`` are of all that may be another with them."""

    first: int
    last: int
    keys: set[Key]


class Scopes:
    """Every use of a name in a file: which variable it means, or that it means a global."""

    def __init__(self, nodes: Sequence[Node], source: bytes) -> None:
        self.looked = Looked()
        self._set(units(nodes, source))
        self._link()

    def update(self, nodes: Sequence[Node], source: bytes, change: Change) -> Update:
        """Go on to a newer version of the file. Variables that were handed out are of no use any more."""
        head, gone, new, tail = align(self.units, nodes, source, change)
        keys = {EVERYTHING}.union(*(unit.keys() for unit in (*gone, *new)))
        if [unit.outline.signature for unit in new] == [unit.outline.signature for unit in gone]:
            # What names mean stays: only the text between them is another.
            for unit, other in zip(gone, new, strict=True):
                unit.become(other)
            self._set([*head, *gone, *tail])
            for shared in chain.from_iterable(self._declared.values()):
                shared.forget()
        else:
            self._set([*head, *new, *tail])
            self._link()
        return Update(len(head), len(head) + len(new), keys)

    def _set(self, found: list[Unit]) -> None:
        self.units = found
        self._starts = [unit.start for unit in found]
        self._used: tuple[set[str], set[str]] | None = None

    def _link(self) -> None:
        """Find out which declaration each name means that a statement does not declare itself."""
        self._declared: dict[Unit, list[Shared]] = {}
        self._meant: dict[Unit, dict[str, Shared]] = {}
        self._globals: dict[str, list[Unit]] = {}
        scope: dict[str, Shared] = {}
        for unit in self.units:
            outline = unit.outline
            meant = self._meant[unit] = {}
            for name in outline.outer:
                if shared := scope.get(name):
                    meant[name] = shared
                    shared.users.append(unit)
                else:
                    self._globals.setdefault(name, []).append(unit)
            if outline.declared:
                own = self._declared[unit] = []
                for index, declaration in enumerate(outline.declared):
                    name = declaration.name
                    scope[name] = Shared(unit, index, scope.get(name), self.looked)
                    own.append(scope[name])

    def unit_at(self, at: int) -> Unit | None:
        """The statement of the main body that holds this byte."""
        index = bisect_right(self._starts, at) - 1
        return self.units[index] if index >= 0 and at < self.units[index].end else None

    def variable(self, name: Node) -> Variable | None:
        """The local variable that this identifier means, or None for a global."""
        at = name.start_byte
        unit = self.unit_at(at)
        meant = unit.names.meant.get(at) if unit is not None else None
        if unit is None or meant is None:
            return None
        if isinstance(meant, str):
            self.looked.keys.add(("declared", meant))
            return self._meant[unit].get(meant)
        declared = self._declared.get(unit)
        if declared is not None:
            for local, shared in zip(unit.names.declared, declared, strict=True):
                if local is meant:
                    return shared
        return meant

    def tests(self, variable: Shared, node: Node) -> Iterator[Node]:
        """The uses of a variable that can tell what it is at this node: those around it, and tests in the main body."""
        self.looked.keys.add(("tests", variable.name))
        around = self.unit_at(node.start_byte)
        return variable.reads_of(unit for unit in (variable.unit, *variable.users) if unit is around or unit.tests)

    def own_types(self) -> frozenset[str]:
        """The names of types that the file declares."""
        return frozenset().union(*(unit.outline.types for unit in self.units))

    def variables_of(self, unit: Unit) -> list[Variable]:
        """The locals that a statement of the main body declares: those of the main body, then those inside."""
        return [*self._declared.get(unit, ()), *unit.names.inner]

    def set_in(self, function: Node) -> Iterator[Variable]:
        """The locals that a function sets, its own and others, their declarations left out."""
        unit = self.unit_at(function.start_byte)
        names = unit.names if unit is not None else Names()
        local = [(each, each.writes) for each in (*names.declared, *names.inner)]
        outer = [(self.variable(uses.writes[0]), uses.writes) for uses in names.outer.values() if uses.writes]
        for variable, writes in (*local, *outer):
            inside = (function.start_byte <= write.start_byte < function.end_byte for write in writes)
            if variable is not None and any(inside):
                yield variable

    def variables_named(self, name: str) -> Iterator[Variable]:
        """Every local of this name in the file."""
        self.looked.keys.add(("named", name))
        for unit in self.units:
            if name in unit.outline.inner or any(each.name == name for each in unit.outline.declared):
                yield from (each for each in self.variables_of(unit) if each.name == name)

    def shared(self) -> Iterator[Shared]:
        """The locals of the main body, in order."""
        self.looked.keys.add(EVERYTHING)
        return chain.from_iterable(self._declared.values())

    def is_declared(self, name: str) -> bool:
        """Whether there is any local of this name in the file."""
        return next(self.variables_named(name), None) is not None

    def builtin(self, name: Node) -> bool:
        """Whether this identifier means a global that the file itself never sets."""
        return self.variable(name) is None and not self.sets_global((name.text or b"").decode())

    def sets_global(self, name: str) -> bool:
        """Whether the file sets a global of this name."""
        self.looked.keys.add(("writes", name))
        return name in self._used_globals[1]

    def uses_global(self, name: str) -> bool:
        """Whether the file reads or sets a global of this name."""
        self.looked.keys.update((("reads", name), ("writes", name), ("declared", name)))
        return any(name in used for used in self._used_globals)

    def changes_environment(self) -> bool:
        """Whether the file may set globals in a way that cannot be seen."""
        return self.uses_global("setfenv") or self.uses_global("getfenv")

    @property
    def _used_globals(self) -> tuple[set[str], set[str]]:
        """The globals that are read, and those that are set."""
        if self._used is None:
            uses = [(name, unit.outline.outer[name]) for name, users in self._globals.items() for unit in users]
            self._used = {name for name, each in uses if each.reads}, {name for name, each in uses if each.writes}
        return self._used

    def globals(self) -> Iterator[str]:
        """The names of all globals that the file reads or sets."""
        self.looked.keys.add(EVERYTHING)
        return iter(set[str]().union(*self._used_globals))

    def global_reads(self, name: str) -> list[Node]:
        """Every place that reads a global of this name, in order."""
        self.looked.keys.update((("reads", name), ("declared", name)))
        return self._global_nodes(name, lambda uses: uses.reads)

    def global_writes(self, name: str) -> list[Node]:
        """Every place that sets a global of this name, in order."""
        self.looked.keys.update((("writes", name), ("declared", name)))
        return self._global_nodes(name, lambda uses: uses.writes)

    def _global_nodes(self, name: str, which: Callable[[OuterUses], Sequence[int]]) -> list[Node]:
        using = self._globals.get(name, ())
        return [node for unit in using for node in unit.identifiers(name, which(unit.outline.outer[name]))]
