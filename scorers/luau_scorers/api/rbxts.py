"""The Roblox API as the type definitions of roblox-ts tell it (the npm package @rbxts/types)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from ..roblox_api import Kind, Member, RobloxClass, Security
from .luau_types import Types
from .table import Members, Table
from .typescript import Declaration, declarations, members, signature

# Lists of names by which TypeScript looks classes up; they are no classes.
_LISTS = ("Services", "CreatableInstances", "Instances", "Objects")
_ROOT = "RBXObject"
_TAGS = re.compile(r"\*\*Tags\*\*: (.*)")
_DEPRECATED = re.compile(r"@deprecated|\*\*Deprecated:\*\*")
_INSTEAD = re.compile(r"@deprecated[ \t]+(?:renamed to )?(\w+)[ \t]*(?:\*/)?$", re.MULTILINE)
_NOTE = re.compile(r"\*\*Deprecated:\*\*(.*)")
_ADVICE = re.compile(
    r"(?:use|using|favor of|superseded by(?: the)?|replaced by|see|through) `(\w+(?:[.:]\w+)?)(?:\(\))?`",
    re.IGNORECASE,
)
# What only TypeScript needs.
_NOT_IN_LUAU = ("TS", "SharedTableNominal")
# Datatypes that TypeScript does not tell from tables of the same shape.
_PLAIN = ("Enum", "EnumItem", "Font", "RBXScriptConnection", "RBXScriptSignal", "RaycastResult")
_YIELDS = frozenset({"Yields", "CanYield"})
_SIGNAL = "RBXScriptSignal"


def table(package: Path, version: str, date: str, source: str) -> Table:
    """Read the unpacked package."""
    include = package / "include"
    generated = {security: _interfaces(include / "generated" / f"{file}.d.ts") for security, file in _FILES.items()}
    by_hand = [*declarations(_read(include / "roblox.d.ts")), *declarations(_read(include / "lua.d.ts"))]
    classes = {name for interfaces in generated.values() for name in interfaces if name not in _LISTS}
    reader = _Reader(Table(version, date, source), _types(classes, by_hand))
    for security, interfaces in generated.items():
        reader.classes(interfaces, security)
    for enums in declarations(_read(include / "generated" / "enums.d.ts")):
        if enums.kind == "namespace":
            reader.table.enums.update(_enums(enums.text))
        elif enums.kind == "interface":
            reader.datatype(enums.name, [enums], {}, {})
    reader.values(by_hand)
    return reader.table


_FILES: dict[Security, str] = {"none": "None", "plugin": "PluginSecurity"}


def _read(file: Path) -> str:
    return file.read_text("utf-8")


def _interfaces(file: Path) -> dict[str, Declaration]:
    return {declared.name: declared for declared in declarations(_read(file)) if declared.kind == "interface"}


def _types(classes: set[str], by_hand: list[Declaration]) -> Types:
    interfaces = {declared.name for declared in by_hand if declared.kind == "interface"}
    values = {declared.name for declared in by_hand if declared.kind == "interface" and _is_datatype(declared)}
    aliases = {declared.name: declared.text for declared in by_hand if declared.kind == "alias"}
    return Types(frozenset(classes | values), frozenset(interfaces - values - classes), aliases)


def _is_datatype(declared: Declaration) -> bool:
    """Whether an interface is a type of its own, rather than a table's shape: it is marked as nominal."""
    return f"_nominal_{declared.name}:" in declared.text or declared.name in _PLAIN


def _enums(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each enum with its items; an old name is a constant of the type that has the new name."""
    for enum in declarations(text):
        if enum.kind == "namespace":
            items = list(declarations(enum.text))
            old = {item.name for item in items if item.kind == "interface" and _DEPRECATED.search(item.doc)}
            marks = {item.name: "-" if item.name in old else "" for item in items}
            constants = {item.name: item.text for item in items if item.kind == "const"}
            yield enum.name, {item: marks[item] if item == kind else kind for item, kind in constants.items()}


class _Reader:
    def __init__(self, table: Table, types: Types) -> None:
        self.table = table
        self.types = types

    def classes(self, interfaces: dict[str, Declaration], security: Security) -> None:
        services = {member.name for member in members(interfaces["Services"].text)}
        creatable = {member.name for member in members(interfaces["CreatableInstances"].text)}
        for declared in interfaces.values():
            if declared.name in _LISTS:
                continue
            tags = _tags(declared.doc)
            found = RobloxClass(
                name=self.types.luau(declared.name) or declared.name,
                superclass=self.types.luau(declared.extends.strip().partition("<")[0]) if declared.extends else None,
                service=declared.name in services or "Service" in tags,
                creatable=declared.name in creatable,
                deprecated=_DEPRECATED.search(declared.doc) is not None,
                replacement=_replacement(declared.doc),
                side="both",
                security="none",
            )
            name = found.name
            before = self.table.classes.setdefault(name, found)
            self.table.classes[name] = replace(
                before, service=before.service or found.service, creatable=before.creatable or found.creatable
            )
            known = self.table.members.setdefault(name, {})
            for member in self.members(name, members(declared.text), security):
                first = known.get(member.name, member)
                known[member.name] = replace(first, read_only=first.read_only and member.read_only)

    def members(self, owner: str, declared: Iterable[Declaration], security: Security = "none") -> list[Member]:
        """The members that an interface or a namespace declares."""
        found: Members = {}
        for one in declared:
            if not one.name.startswith("_nominal"):
                member = self.member(owner, one, security)
                found[one.name] = _overloaded(found[one.name], member) if one.name in found else member
        return list(found.values())

    def member(self, owner: str, declared: Declaration, security: Security) -> Member:
        kind, result, parameters = self.shape(declared)
        if re.match(r"(asserts )?\w+ is ", result):
            result = "boolean"
        return Member(
            name=declared.name,
            owner=owner,
            kind=kind,
            deprecated=_DEPRECATED.search(declared.doc) is not None,
            replacement=_replacement(declared.doc),
            yields=not _YIELDS.isdisjoint(_tags(declared.doc)),
            read_only=declared.read_only and kind == "property",
            type=self.types.luau(result),
            parameters=parameters,
            security=security,
            side="both",
        )

    def shape(self, declared: Declaration) -> tuple[Kind, str, tuple[str, ...]]:
        """The kind of a member, the type that it has or gives back, and the types of its parameters."""
        text = declared.text
        if declared.kind in ("method", "function"):
            return "method", signature(text).result, self.types.arguments(text)
        if text.startswith(_SIGNAL):
            inside = text[len(_SIGNAL) + 1 : -1]
            return "event", "", self.types.arguments(inside) if self.types.is_function(inside) else ("...any",)
        if text == "unknown" and not _YIELDS.isdisjoint(_tags(declared.doc)):
            return "method", "", ("...any",)  # each subclass has a signature of its own
        callback = text.removesuffix("| undefined").strip()
        callback = callback[1:-1] if callback.startswith("((") else callback
        if self.types.is_function(callback):
            return "callback", signature(callback).result, self.types.arguments(callback)
        if callback == "T" and declared.name.startswith("On"):
            return "callback", "", ("...any",)
        return "property", text, ()

    def values(self, by_hand: list[Declaration]) -> None:
        """Datatypes, libraries and globals."""
        interfaces = {declared.name: declared for declared in by_hand if declared.kind == "interface"}
        aliases = {declared.name: declared for declared in by_hand if declared.kind == "alias"}
        constants = {declared.name: declared for declared in by_hand if declared.kind == "const"}
        for name, declared in interfaces.items():
            if _is_datatype(declared):
                self.datatype(name, [declared], interfaces, aliases)
        self.datatype("Instance", [], interfaces, aliases)
        for declared in by_hand:
            if declared.kind == "namespace" and declared.name not in _NOT_IN_LUAU:
                self.library(declared)
        own = [one for one in by_hand if one.kind == "function"]
        own += [one for name, one in constants.items() if name not in {*self.table.datatypes, *_NOT_IN_LUAU}]
        self.table.globals |= {member.name: member for member in self.members("", own)}

    def datatype(
        self, name: str, parts: list[Declaration], interfaces: dict[str, Declaration], aliases: dict[str, Declaration]
    ) -> None:
        own = [member for part in parts for member in self.members(name, members(part.text))]
        self.table.datatypes[name] = {member.name: replace(member, read_only=False) for member in own}
        constructor = f"{name}Constructor"
        static: list[Member] = []
        if constructor in interfaces:
            static = self.members(name, members(interfaces[constructor].text))
        elif constructor in aliases:
            static = self.members(name, members(aliases[constructor].text.replace("=>", ":") + ";"))
        self.table.static[name] = {member.name: _called(member) for member in static}

    def library(self, declared: Declaration) -> None:
        library = self.table.libraries.setdefault(declared.name, {})
        for member in self.members(declared.name, declarations(declared.text)):
            library[member.name] = _called(member)


def _called(member: Member) -> Member:
    """A function that is a field of a global table."""
    return replace(member, kind="method" if member.kind == "callback" else member.kind, read_only=False)


def _overloaded(first: Member, second: Member) -> Member:
    """A member that can be called in two ways: what both agree on, and the first's result where one may be nil."""
    parameters = []
    for one, other in zip_longest(first.parameters, second.parameters):
        kind = (one or other) if one == other or None in (one, other) else "any"
        parameters.append(f"{kind}?" if None in (one, other) and kind[-1] != "?" and kind[0] != "." else kind)
    same = first.type == second.type or f"{first.type}?" == second.type
    return replace(first, parameters=tuple(parameters), type=first.type if same else None)


def _tags(doc: str) -> frozenset[str]:
    found = _TAGS.search(doc)
    return frozenset(found[1].replace(" ", "").split(",")) if found else frozenset()


def _replacement(doc: str) -> str | None:
    """What to use instead, with its class where the text tells it."""
    note = _NOTE.search(doc)
    advised: list[str] = _ADVICE.findall(note[1]) if note else []
    if found := _INSTEAD.search(doc):
        return next((name for name in advised if re.split("[.:]", name)[-1] == found[1]), found[1])
    return advised[0] if advised else None
