"""What each name in a file refers to, and which answers depend on what."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence, Set
from itertools import chain
from typing import NamedTuple

from tree_sitter import Node

from .links import Links, Looked, Shared
from .resolver import Local, Names
from .units import Change, Key, OuterUses, Unit, align, units

EVERYTHING: Key = ("everything",)
Variable = Local | Shared


class Update(NamedTuple):
    """The units from ``first`` to ``last`` (exclusive) are new; ``keys`` are of all that may be another with them."""

    first: int
    last: int
    keys: set[Key]


class Scopes:
    """Every use of a name in a file: which variable it means, or that it means a global."""

    def __init__(self, nodes: Sequence[Node], source: bytes) -> None:
        self._links = Links()
        self._set(units(nodes, source))
        self._links.exchange((), self.units)

    @property
    def looked(self) -> Looked:
        """What has been asked."""
        return self._links.looked

    def update(self, nodes: Sequence[Node], source: bytes, change: Change) -> Update:
        """Go on to a newer version of the file. Variables that were handed out are of no use any more."""
        head, gone, new, tail = align(self.units, nodes, source, change)
        self._set([*head, *new, *tail])
        self._links.exchange(gone, new)
        keys = {EVERYTHING}.union(*(unit.keys() for unit in (*gone, *new)))
        return Update(len(head), len(head) + len(new), keys)

    def _set(self, found: list[Unit]) -> None:
        self.units = found
        self._starts = [unit.start for unit in found]

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
            return self._links.meant(unit, meant)
        for local, shared in zip(unit.names.declared, self._links.declared(unit), strict=True):
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
        return [*self._links.declared(unit), *unit.names.inner]

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
        return chain.from_iterable(map(self._links.declared, self.units))

    def is_declared(self, name: str) -> bool:
        """Whether there is any local of this name in the file."""
        return next(self.variables_named(name), None) is not None

    def builtin(self, name: Node) -> bool:
        """Whether this identifier means a global that the file itself never sets."""
        return self.variable(name) is None and not self.sets_global((name.text or b"").decode())

    def sets_global(self, name: str) -> bool:
        """Whether the file sets a global of this name."""
        self.looked.keys.add(("writes", name))
        return any(unit.outline.outer[name].writes for unit in self._links.global_users(name))

    def uses_global(self, name: str) -> bool:
        """Whether the file reads or sets a global of this name."""
        self.looked.keys.update((("reads", name), ("writes", name), ("declared", name)))
        outer = (unit.outline.outer[name] for unit in self._links.global_users(name))
        return any(uses.reads or uses.writes for uses in outer)

    def changes_environment(self) -> bool:
        """Whether the file may set globals in a way that cannot be seen."""
        return self.uses_global("setfenv") or self.uses_global("getfenv")

    def globals(self) -> Set[str]:
        """The names of all globals that the file reads or sets."""
        self.looked.keys.add(EVERYTHING)
        return self._links.globals

    def global_reads(self, name: str) -> list[Node]:
        """Every place that reads a global of this name, in order."""
        self.looked.keys.update((("reads", name), ("declared", name)))
        return self._global_nodes(name, lambda uses: uses.reads)

    def global_writes(self, name: str) -> list[Node]:
        """Every place that sets a global of this name, in order."""
        self.looked.keys.update((("writes", name), ("declared", name)))
        return self._global_nodes(name, lambda uses: uses.writes)

    def _global_nodes(self, name: str, which: Callable[[OuterUses], Sequence[int]]) -> list[Node]:
        using = self._links.global_users(name)
        return [node for unit in using for node in unit.identifiers(name, which(unit.outline.outer[name]))]
