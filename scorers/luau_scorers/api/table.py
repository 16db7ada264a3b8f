"""The table of the Roblox API while it is built, and how it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..roblox_api import FORMAT, KINDS, STATIC_KINDS, Api, Member, RobloxClass

Members = dict[str, Member]


@dataclass
class Table:
    """All that ``roblox_api.Api`` reads, by name.

    An enum's item has a mark: none, ``-`` where it is deprecated, or the name that it has today.
    """

    version: str
    date: str
    source: str
    classes: dict[str, RobloxClass] = field(default_factory=dict)
    members: dict[str, Members] = field(default_factory=dict)
    enums: dict[str, dict[str, str]] = field(default_factory=dict)
    datatypes: dict[str, Members] = field(default_factory=dict)
    static: dict[str, Members] = field(default_factory=dict)
    libraries: dict[str, Members] = field(default_factory=dict)
    globals: Members = field(default_factory=dict)

    @classmethod
    def of(cls, api: Api) -> Table:
        """A table that is written already."""
        table = cls(api.version, api.date, api.source)
        for name in api.classes():
            found = api.cls(name)
            assert found is not None
            table.classes[name] = found
            table.members[name] = dict(api.own_members(name))
        for name in api.enums():
            marks = {**dict.fromkeys(api.deprecated_items(name), "-"), **api.renamed_items(name)}
            table.enums[name] = {item: marks.get(item, "") for item in api.enum(name) or ()}
        for name in api.datatypes():
            datatype = api.datatype(name)
            assert datatype is not None
            table.datatypes[name], table.static[name] = dict(datatype.members), dict(datatype.static)
        table.libraries = {name: dict(api.library(name)) for name in api.libraries}
        table.globals = dict(api.builtins())
        return table

    def lookup(self, cls: str, name: str) -> Member | None:
        """A member of a class, its own or inherited."""
        owners = (owner for owner in self.ancestors(cls) if name in self.members[owner])
        owner = next(owners, None)
        return self.members[owner][name] if owner else None

    def ancestors(self, cls: str) -> Iterator[str]:
        """A class and what it inherits from."""
        found = self.classes.get(cls)
        while found is not None:
            yield found.name
            found = self.classes.get(found.superclass or "")

    def text(self) -> str:
        """The table as ``roblox_api`` reads it."""
        about = {"format": FORMAT, "version": self.version, "date": self.date, "source": self.source}
        blocks = ["\n".join(f"{key}\t{value}" for key, value in about.items())]
        blocks += [_block(_class_line(self.classes[name]), _lines(self.members[name])) for name in sorted(self.classes)]
        blocks += [f"enum\t{name}\t{_items(self.enums[name])}" for name in sorted(self.enums)]
        for name in sorted(self.datatypes):
            lines = [*_lines(self.static.get(name, {}), STATIC_KINDS), *_lines(self.datatypes[name])]
            blocks.append(_block(f"datatype\t{name}\t", lines))
        blocks += [
            _block(f"library\t{name}\t", _lines(self.libraries[name], STATIC_KINDS)) for name in sorted(self.libraries)
        ]
        blocks.append(_block("globals\t\t", _lines(self.globals, STATIC_KINDS)))
        return "\n\n".join(blocks) + "\n"


def _block(heading: str, lines: Iterable[str]) -> str:
    return "\n".join([heading, *lines])


def _items(items: dict[str, str]) -> str:
    return " ".join(f"{item}={mark}" if mark else item for item, mark in sorted(items.items()))


def _class_line(cls: RobloxClass) -> str:
    flags = "s" * cls.service + "c" * cls.creatable + "d" * cls.deprecated + _SECURITY[cls.security] + _SIDES[cls.side]
    return f"class\t{cls.name}\t{cls.superclass or ''}\t{flags}\t{cls.replacement or ''}"


_SIDES = {"both": "", "server": "S", "client": "C"}
_SECURITY = {"none": "", "plugin": "P", "internal": "I"}


def _lines(members: Members, kinds: Mapping[str, str] = KINDS) -> Iterator[str]:
    letters = {kind: letter for letter, kind in kinds.items()}
    for name in sorted(members):
        member = members[name]
        flags = "d" * member.deprecated + "y" * member.yields + "r" * member.read_only
        flags = letters[member.kind] + flags + _SECURITY[member.security] + _SIDES[member.side]
        fields = (flags, name, member.type or "", ";".join(member.parameters), member.replacement or "")
        yield "\t".join(fields).rstrip("\t")
