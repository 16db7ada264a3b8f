"""Adds what ``curated.toml`` tells to a table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..roblox_api import Kind, Member, RobloxClass, Security, Side
from .table import Members, Table

FILE = Path(__file__).with_name("curated.toml")

_MEMBER = re.compile(
    r"(?P<words>(?:(?:deprecated|yields|plugin|readonly) )*)"
    r"(?P<kind>property|method|event|callback|function|constant) (?P<name>\w+)"
    r"(?:\((?P<parameters>.*?)\))?(?:: (?P<type>.+?))?(?: => (?P<replacement>\S+))?"
)
_KINDS: dict[str, Kind] = {
    "property": "property",
    "constant": "property",
    "method": "method",
    "function": "method",
    "event": "event",
    "callback": "callback",
}


def add(table: Table, facts: dict[str, Any]) -> None:
    """Add all facts. Raises ValueError or KeyError where one does not fit the table."""
    for entry in facts["class"]:
        _class(table, entry)
    _internal(table, facts["internal"])
    for entry in facts["datatype"]:
        name = entry["name"]
        table.datatypes.setdefault(name, {}).update(_read(name, entry.get("members", ())))
        table.static.setdefault(name, {}).update(_read(name, entry.get("static", ())))
    for entry in facts["library"]:
        table.libraries[entry["name"]] |= _read(entry["name"], entry["members"])
    table.globals |= _read("", facts["globals"]["members"])
    for entry in facts["side"]:
        _side(table, entry["side"], entry)
    for entry in facts["replaced"]:
        for pair in entry["by"]:
            old, new = pair.split()
            if not _change(table, old, replacement=new).deprecated:
                raise ValueError(f"{old} is not deprecated")
    for name in facts["unreplaced"]["members"].split():
        _change(table, name, replacement=None)
    for name in facts["current"]["members"].split():
        _change(table, name, deprecated=False, replacement=None)
    for name in f"{facts['yields']['members']} {facts['yields']['functions']}".split():
        _change(table, name, yields=True)
    for entry in [*facts["class"], *facts["datatype"]]:
        _aliases(table, entry)


def member(owner: str, text: str) -> Member:
    """Read a member as it is written in the file."""
    found = _MEMBER.fullmatch(text)
    if found is None:
        raise ValueError(f"this is no member: {text!r}")
    words = found["words"].split()
    security: Security = "plugin" if "plugin" in words else "none"
    return Member(
        name=found["name"],
        owner=owner,
        kind=_KINDS[found["kind"]],
        deprecated="deprecated" in words,
        replacement=found["replacement"],
        yields="yields" in words,
        read_only="readonly" in words,
        type=found["type"],
        parameters=tuple(found["parameters"].split(", ")) if found["parameters"] else (),
        security=security,
        side="both",
    )


def _read(owner: str, texts: Iterable[str]) -> Members:
    return {found.name: found for found in (member(owner, text) for text in texts)}


def _class(table: Table, entry: dict[str, Any]) -> None:
    name = entry["name"]
    if "extends" in entry:
        table.classes[name] = RobloxClass(
            name,
            entry["extends"],
            service=False,
            creatable=True,
            deprecated=True,
            replacement=entry["replacement"],
            side="both",
            security="none",
        )
    elif "replacement" in entry:
        table.classes[name] = replace(table.classes[name], replacement=entry["replacement"])
    table.members.setdefault(name, {}).update(_read(name, entry.get("members", ())))


def _aliases(table: Table, entry: dict[str, Any]) -> None:
    """Add old names of members, which a class may have inherited."""
    name = entry["name"]
    known = table.members[name] if name in table.classes else table.datatypes[name]
    for pair in entry.get("aliases", ()):
        old, new = pair.split()
        target = known.get(new) or table.lookup(name, new)
        if target is None:
            raise KeyError(f"{name}.{new}")
        known[old] = replace(target, name=old, owner=name, deprecated=True, replacement=new)


def _internal(table: Table, entry: dict[str, Any]) -> None:
    for name in [*entry["services"].split(), *entry["classes"].split()]:
        table.classes[name] = RobloxClass(
            name,
            "Instance",
            service=name in entry["services"].split(),
            creatable=name in entry["classes"].split(),
            deprecated=False,
            replacement=None,
            side="both",
            security="internal",
        )
        table.members.setdefault(name, {})
    for name in entry["partial"].split():
        table.classes[name] = replace(table.classes[name], security="internal")


def _side(table: Table, side: Side, entry: dict[str, str]) -> None:
    for name in entry.get("classes", "").split():
        table.classes[name] = replace(table.classes[name], side=side)
    for name in entry.get("members", "").split():
        _change(table, name, side=side)


def _change(table: Table, name: str, **changes: Any) -> Member:
    """Change a member of a class, a datatype or a library, or a global."""
    owner, _, short = name.rpartition(".")
    places = (table.members.get(owner), table.datatypes.get(owner), table.libraries.get(owner))
    place = next((place for place in places if place and short in place), table.globals)
    place[short] = replace(place[short], **changes)
    return place[short]
