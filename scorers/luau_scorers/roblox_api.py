"""The Roblox API as a table: classes, members, enums, datatypes, globals and libraries.

The table is text, so that a new version can be read as a diff. A block, ended by an empty line, is a class, a datatype,
a library or an enum; a line in it is a member. The blocks are told apart when the table is loaded, and a block is read
when it is first asked for. ``luau_scorers.api.table`` writes what is read here.

Types are written as in Luau: ``Player``, ``Player?``, ``{ Player }``, ``Enum.Material``, and ``()`` for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

Kind = Literal["property", "method", "event", "callback"]
Side = Literal["server", "client", "both"]
Security = Literal["none", "plugin", "internal"]

SHIPPED = Path(__file__).with_name("roblox_api.txt")
FORMAT = "1"  # a table in another format is left aside

KINDS: dict[str, Kind] = {"p": "property", "m": "method", "e": "event", "c": "callback"}
# A datatype or a library has functions and constants that are called with a dot.
STATIC_KINDS: dict[str, Kind] = {"f": "method", "k": "property"}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a class, a datatype or a library.

    ``type`` is what a property holds, what a method gives back or what a callback should give back; None is unknown.
    ``parameters`` are the types of what a method takes, and of what an event or a callback is handed: ``T?`` may be
    left out, ``...T`` is any number of them. ``replacement`` is a bare name for a member of the same object, and
    ``Class:Method``, ``Class.Property``, ``task.wait`` or a class's name otherwise; what replaces a member need not
    take the same arguments.
    """

    name: str
    owner: str
    kind: Kind
    deprecated: bool
    replacement: str | None
    yields: bool
    read_only: bool
    type: str | None
    parameters: tuple[str, ...]
    security: Security
    side: Side


@dataclass(frozen=True, slots=True)
class RobloxClass:
    """A class. ``side`` says where its objects are of use.

    ``security`` is internal where scripts of games can't use it, or where not all of its members are in the table.
    """

    name: str
    superclass: str | None
    service: bool
    creatable: bool
    deprecated: bool
    replacement: str | None
    side: Side
    security: Security


@dataclass(frozen=True, slots=True)
class Datatype:
    """A datatype: ``static`` is what ``Vector3.`` has, ``members`` what a value has."""

    name: str
    static: Mapping[str, Member]
    members: Mapping[str, Member]


class Api:
    """One version of the Roblox API."""

    def __init__(self, text: str) -> None:
        header, *blocks = text.split("\n\n")
        about = dict(line.split("\t", 1) for line in header.splitlines())
        if about["format"] != FORMAT:
            raise ValueError(f"a table in the format {about['format']}")
        self._blocks: dict[str, dict[str, str]] = {
            "class": {},
            "enum": {},
            "datatype": {},
            "library": {},
            "globals": {},
        }
        for block in blocks:
            kind, name, rest = block.split("\t", 2)
            self._blocks[kind][name] = rest
        self._names = {kind: frozenset(named) for kind, named in self._blocks.items()}
        self._classes: dict[str, RobloxClass | None] = {}
        self._own: dict[tuple[str, str, bool], dict[str, Member]] = {}
        self._marks: dict[str, dict[str, str]] = {}
        self._inherited: dict[str, Mapping[str, Member]] = {}
        self.version = about["version"]
        self.date = about["date"]
        self.source = about["source"]

    @staticmethod
    def load() -> Api:
        """The table to use: the user's own where it is newer than the one that comes along."""
        return _load()

    @property
    def stamp(self) -> str:
        """What a message says of the table that it relies on."""
        return f"Roblox API {self.version}, {self.date}"

    def cls(self, name: str) -> RobloxClass | None:
        if name not in self._classes:
            block = self._blocks["class"].get(name)
            self._classes[name] = None if block is None else _class(name, block.partition("\n")[0])
        return self._classes[name]

    def classes(self) -> frozenset[str]:
        return self._names["class"]

    def ancestors(self, name: str) -> Iterator[str]:
        """A class and what it inherits from, the nearest first."""
        found = self.cls(name)
        while found is not None:
            yield found.name
            found = self.cls(found.superclass) if found.superclass else None

    def is_a(self, name: str, ancestor: str) -> bool:
        return ancestor in self.ancestors(name)

    def member(self, cls: str, name: str) -> Member | None:
        """The member that an object of the class has under this name, its own or inherited."""
        for owner in self.ancestors(cls):
            if found := self._members("class", owner).get(name):
                return found
        return None

    def members(self, cls: str) -> Mapping[str, Member]:
        """All members that an object of the class has."""
        if cls not in self._inherited:
            found: dict[str, Member] = {}
            for owner in reversed(list(self.ancestors(cls))):
                found.update(self._members("class", owner))
            self._inherited[cls] = found
        return self._inherited[cls]

    def own_members(self, cls: str) -> Mapping[str, Member]:
        """The members that the class itself declares."""
        return self._members("class", cls)

    def services(self) -> frozenset[str]:
        """What ``GetService`` knows, Roblox's own internal services among them."""
        return self._services

    def enum(self, name: str) -> frozenset[str] | None:
        """The items of an enum, by all names that work."""
        return frozenset(self._items(name)) if name in self._names["enum"] else None

    def enums(self) -> frozenset[str]:
        return self._names["enum"]

    def deprecated_items(self, enum: str) -> frozenset[str]:
        """The items of an enum that nothing replaces and that are deprecated."""
        return frozenset(item for item, mark in self._items(enum).items() if mark == "-")

    def renamed_items(self, enum: str) -> Mapping[str, str]:
        """The old names of items, and the names of today."""
        return {item: mark for item, mark in self._items(enum).items() if mark not in ("", "-")}

    def datatype(self, name: str) -> Datatype | None:
        if name not in self._blocks["datatype"]:
            return None
        return Datatype(name, self._members("datatype", name, STATIC_KINDS), self._members("datatype", name))

    def datatypes(self) -> frozenset[str]:
        return self._names["datatype"]

    def library(self, name: str) -> Mapping[str, Member]:
        """The functions and constants of a library such as ``task``; none where there is no such library."""
        return self._members("library", name, STATIC_KINDS)

    @cached_property
    def libraries(self) -> Mapping[str, frozenset[str]]:
        """The names that each library has."""
        return {name: frozenset(self.library(name)) for name in self._blocks["library"]}

    def builtin(self, name: str) -> Member | None:
        """A global that is a function or a value; datatypes and libraries are not among them."""
        return self.builtins().get(name)

    def builtins(self) -> Mapping[str, Member]:
        """All globals that are functions or values."""
        return self._members("globals", "", STATIC_KINDS)

    @cached_property
    def globals(self) -> frozenset[str]:
        """Every name that a script finds declared."""
        constructible = {name for name in self._blocks["datatype"] if self._members("datatype", name, STATIC_KINDS)}
        return frozenset({*self.builtins(), *constructible, *self._blocks["library"]})

    @cached_property
    def _services(self) -> frozenset[str]:
        return frozenset(name for name, block in self._blocks["class"].items() if "s" in _flags(block))

    def _items(self, enum: str) -> dict[str, str]:
        """Each item of an enum with its mark: ``-`` for a deprecated one, the new name for a renamed one."""
        if enum not in self._marks:
            items = (item.split("=") for item in self._blocks["enum"].get(enum, "").split())
            self._marks[enum] = {name: "".join(mark) for name, *mark in items}
        return self._marks[enum]

    def _members(self, kind: str, name: str, kinds: Mapping[str, Kind] = KINDS) -> Mapping[str, Member]:
        key = (kind, name, kinds is KINDS)
        if key not in self._own:
            _, _, lines = self._blocks[kind].get(name, "").partition("\n")
            members = (_member(name, line, kinds) for line in lines.splitlines() if line[0] in kinds)
            self._own[key] = {member.name: member for member in members}
        return self._own[key]


def cached_table() -> Path:
    """Where a user's own table is kept."""
    from platformdirs import user_cache_path

    return user_cache_path("luau-lsp-ai") / SHIPPED.name


@cache
def _load() -> Api:
    shipped = Api(SHIPPED.read_text("utf-8"))
    try:
        cached = Api(cached_table().read_text("utf-8"))
    except (OSError, ValueError, KeyError):
        return shipped  # there is none, or it is of another version of this package
    return max(shipped, cached, key=lambda api: api.date)


def _flags(block: str) -> str:
    return block.partition("\n")[0].split("\t")[1]


def _side(flags: str) -> Side:
    return "server" if "S" in flags else "client" if "C" in flags else "both"


def _security(flags: str) -> Security:
    return "plugin" if "P" in flags else "internal" if "I" in flags else "none"


def _class(name: str, line: str) -> RobloxClass:
    superclass, flags, replacement = line.split("\t")
    return RobloxClass(
        name=name,
        superclass=superclass or None,
        service="s" in flags,
        creatable="c" in flags,
        deprecated="d" in flags,
        replacement=replacement or None,
        side=_side(flags),
        security=_security(flags),
    )


def _member(owner: str, line: str, kinds: Mapping[str, Kind]) -> Member:
    flags, name, kind, parameters, replacement, *_ = (line + "\t\t\t").split("\t")
    return Member(
        name=name,
        owner=owner,
        kind=kinds[flags[0]],
        deprecated="d" in flags,
        replacement=replacement or None,
        yields="y" in flags,
        read_only="r" in flags,
        type=kind or None,
        parameters=tuple(parameters.split(";")) if parameters else (),
        security=_security(flags),
        side=_side(flags),
    )
