"""Makes the members of a table agree with each other."""

from __future__ import annotations

import re
from dataclasses import replace

from ..roblox_api import Member
from .table import Table


def settle(table: Table) -> None:
    """Give redeclared members what they inherit, and keep only those replacements that are in the table."""
    for name, cls in table.classes.items():
        members = table.members[name]
        for member in list(members.values()):
            before = table.lookup(cls.superclass or "", member.name)
            members[member.name] = replace(
                member,
                replacement=_replacement(table, member),
                yields=member.yields or (before is not None and before.yields),
                side=before.side if before is not None and member.side == "both" else member.side,
            )
        if cls.replacement not in table.classes or cls.replacement == name:
            table.classes[name] = replace(cls, replacement=None)


def _replacement(table: Table, member: Member) -> str | None:
    """Only a name where the class has it too, ``Class:Method`` or ``Class.Property`` otherwise, or a class's name."""
    if not member.deprecated or not member.replacement:
        return None
    *owners, name = re.split("[.:]", member.replacement)
    owner = owners[0] if owners else ""
    if owner in table.libraries:
        return member.replacement
    if table.lookup(member.owner, name) is not None and (not owner or owner in table.ancestors(member.owner)):
        return name if name != member.name else None
    if not owner:
        if name in table.classes:
            return name
        owners = [cls for cls, own in table.members.items() if name in own and not own[name].deprecated]
        owner = owners[0] if len(owners) == 1 else ""
    found = table.lookup(owner, name)
    return f"{owner}{':' if found.kind == 'method' else '.'}{name}" if found else None
