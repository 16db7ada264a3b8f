"""A newer table from Roblox's own API dump, which has no more than names and bare types."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import replace
from typing import Any

from ..roblox_api import Api, Kind, Member, RobloxClass, Security
from .settle import settle
from .table import Members, Table

_STUDIO = "https://clientsettingscdn.roblox.com/v2/client-version/WindowsStudio64"
_DUMP = "https://setup.rbxcdn.com/{upload}-API-Dump.json"
_KINDS: dict[str, Kind] = {"Property": "property", "Function": "method", "Event": "event", "Callback": "callback"}
_TYPES = {
    "bool": "boolean",
    "int": "number",
    "int64": "number",
    "float": "number",
    "double": "number",
    "null": "()",
    "void": "()",
    "ContentId": "string",
    "ProtectedString": "string",
    "BinaryString": "string",
    "SharedString": "string",
    "CoordinateFrame": "CFrame",
    "Function": "function",
    "Array": "{ any }",
    "Dictionary": "{ [any]: any }",
    "Map": "{ [any]: any }",
    "Objects": "{ Instance }",
    "Instances": "{ Instance }",
    "Variant": "any",
    "Tuple": "...any",
}
_NEEDED = ("Object", "Instance", "DataModel", "Workspace", "Players")


class DumpError(Exception):
    """There is no dump, or it can't be read; the message is one sentence for the user."""


def download() -> tuple[bytes, str]:
    """Fetch the dump of the newest Studio, and its version."""
    try:
        studio = json.loads(_fetched(_STUDIO))
        return _fetched(_DUMP.format(upload=studio["clientVersionUpload"])), studio["version"]
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise DumpError(
            f"Roblox can't be reached ({reason}): get API-Dump.json elsewhere and say `luau-lsp-ai api update FILE`."
        ) from None
    except (ValueError, KeyError):
        raise DumpError("Roblox's answer names no version of Studio: try again later, or give a FILE.") from None


def update(api: Api, data: bytes, version: str, date: str, source: str) -> str:
    """The table that the dump makes of another one, from which it takes what a dump does not tell."""
    try:
        dump = json.loads(data)
        known = Table.of(api)
        table = replace(known, version=version, date=date, source=source, classes={}, members={}, enums={})
        for entry in dump["Classes"]:
            _class(table, entry, known)
        for entry in dump["Enums"]:
            table.enums[entry["Name"]] = _items(entry, known)
        if missing := [name for name in _NEEDED if name not in table.classes]:
            raise DumpError(f"This API dump is not whole: it has no class {missing[0]}.")
        settle(table)
        if Table.of(Api(table.text())) != table:
            raise ValueError("a name can't be written")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DumpError("This is no API dump of Roblox: it should be JSON with Classes and Enums.") from None
    return table.text()


def _fetched(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=30) as answer:
        data: bytes = answer.read()
    return data


def _class(table: Table, entry: dict[str, Any], known: Table) -> None:
    name = entry["Name"]
    before = known.classes.get(name)
    tags, successor = _tags(entry)
    members: Members = {}
    for one in entry["Members"]:
        member = _member(name, one, known.members.get(name, {}).get(one["Name"]))
        if member is not None and member.security != "internal":
            members[member.name] = member
    hidden = bool(entry["Members"]) and not members
    security: Security = before.security if before else "internal" if hidden else "none"
    superclass = entry["Superclass"] if entry["Superclass"] != "<<<ROOT>>>" else None
    if superclass is not None and superclass not in table.classes:
        raise ValueError(f"{name} comes before {superclass}")
    table.classes[name] = RobloxClass(
        name=name,
        superclass=superclass,
        service="Service" in tags,
        creatable="NotCreatable" not in tags,
        deprecated="Deprecated" in tags,
        replacement=(before.replacement if before else None) or successor,
        side=before.side if before else "both",
        security=security,
    )
    table.members[name] = members


def _items(entry: dict[str, Any], known: Table) -> dict[str, str]:
    items = {item["Name"]: "-" * ("Deprecated" in _tags(item)[0]) for item in entry["Items"]}
    renamed = {old: new for old, new in known.enums.get(entry["Name"], {}).items() if new in items}
    renamed |= {old: item["Name"] for item in entry["Items"] for old in item.get("LegacyNames", ())}
    return {**renamed, **items}


def _member(owner: str, entry: dict[str, Any], before: Member | None) -> Member | None:
    """The member, or None where no script can use it."""
    tags, successor = _tags(entry)
    if "NotScriptable" in tags:
        return None
    kind = _KINDS[entry["MemberType"]]
    access = entry["Security"]
    read, write = (access["Read"], access["Write"]) if isinstance(access, dict) else (access, access)
    found = Member(
        name=entry["Name"],
        owner=owner,
        kind=kind,
        deprecated="Deprecated" in tags,
        replacement=successor,
        yields=not tags.isdisjoint(("Yields", "CanYield")),
        read_only=kind == "property" and ("ReadOnly" in tags or _security(write) == "internal"),
        type=_type(entry.get("ValueType") or entry.get("ReturnType")) if kind != "event" else None,
        parameters=tuple(_parameter(one) for one in entry.get("Parameters", ())),
        security=_security(read),
        side="both",
    )
    if before is None or before.kind != kind:
        return found
    return replace(
        found,
        replacement=before.replacement or successor,
        yields=found.yields or before.yields,
        type=before.type,
        parameters=before.parameters,
        side=before.side,
    )


def _tags(entry: dict[str, Any]) -> tuple[frozenset[str], str | None]:
    """The plain tags, and the name that a deprecated thing has today."""
    tags = entry.get("Tags", ())
    successors = [tag["PreferredDescriptorName"] for tag in tags if "PreferredDescriptorName" in tag]
    return frozenset(tag for tag in tags if isinstance(tag, str)), successors[0] if successors else None


def _security(name: str) -> Security:
    return "none" if name == "None" else "plugin" if name == "PluginSecurity" else "internal"


def _parameter(entry: dict[str, Any]) -> str:
    kind = _type(entry["Type"]) or "any"
    return kind + "?" if "Default" in entry and not kind.endswith("?") else kind


def _type(found: Any) -> str | None:
    if isinstance(found, list):
        return f"({', '.join(_type(one) or 'any' for one in found)})"
    name: str = found["Name"]
    bare = name.removesuffix("?")
    luau = f"Enum.{bare}" if found["Category"] == "Enum" else _TYPES.get(bare, bare)
    return luau + name[len(bare) :]
