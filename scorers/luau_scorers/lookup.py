"""What an object of a known class has, its subclasses and old spellings included."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tree_sitter import Node

from .inference import Inference
from .nodes import ancestors, calls_builtin
from .roblox_api import Api, Kind, Member
from .scopes import Scopes
from .spelling import nearest
from .syntax_tree import Document

# What only Roblox's own scripts, and hosts with their rights, have to do with: there the table does not know all.
_OF_ROBLOX = (
    b"CoreGui",
    b"RobloxGui",
    b"CorePackages",
    b"RobloxReplicatedStorage",
    b"getgenv",
    b"HttpGet",
    b"FastFlag",
    b"VirtualUser",
    b"hookfunction",
)
# These have nothing of their own.
_CONTAINERS = ("ReplicatedStorage", "ServerStorage", "ServerScriptService", "StarterPack", "StarterCharacterScripts")


def may_have(api: Api, cls: str, name: str) -> bool:
    """Whether an object that is known to be of this class may have such a member, by its class or by a subclass."""
    if api.cls(cls) is not None:
        return api.member(cls, name) is not None or any(api.is_a(owner, cls) for owner in _owners(api).get(name, ()))
    datatype = api.datatype(cls)
    if datatype is None or cls == "SharedTable":  # which holds what it is given
        return True
    return any(name.lower() == member.lower() for member in datatype.members)


def has_unlisted(cls: str, document: Document) -> bool:
    """Whether such an object may have members that the table does not list.

    It lists nothing of what only plugins and Roblox's own scripts may use, so that of some classes nothing is left;
    and a script may have rights that a game's scripts have not.
    """
    api = Api.load()
    found = api.cls(cls)
    bare = found is not None and not found.creatable and cls not in _CONTAINERS and not api.own_members(cls)
    return bare or document.mentions(*_OF_ROBLOX)


def tried(node: Node, scopes: Scopes) -> bool:
    """Whether the author expects an error here: within ``pcall``, or within ``expect`` of a test."""
    for function in ancestors(node):
        given = function.parent if function.type == "function_definition" else None
        call = given.parent if given is not None and given.type == "arguments" else None
        if call is not None and any(calls_builtin(call, name, scopes) for name in ("pcall", "xpcall", "expect")):
            return True
    return False


def nearest_member(api: Api, cls: str, name: str, *kinds: Kind) -> str | None:
    """The member of one of these kinds that a name is a slip of."""
    return nearest(name, (member.name for member in _all(api, cls) if member.kind in kinds and not member.deprecated))


@cache
def deprecated_names(api: Api) -> frozenset[str]:
    """Every name that is deprecated on some class or datatype: most names are not, and need no further look."""
    datatypes = (found.members for name in api.datatypes() if (found := api.datatype(name)))
    tables = (*map(api.own_members, api.classes()), *datatypes)
    return frozenset(member.name for table in tables for member in table.values() if member.deprecated)


def deprecated_member(inference: Inference, of: Node, name: str) -> tuple[Member, Member | None] | None:
    """The deprecated member that ``of.name`` is, and the one of the same object that can stand in its place."""
    cls = inference.class_of(of) if name in deprecated_names(inference.api) else None
    old = inference.member(cls, name) if cls else None
    if cls is None or old is None or not old.deprecated:
        return None
    if inference.api.cls(cls) is None and not old.replacement:
        return None  # sources differ over what is deprecated in datatypes: all name what replaces what is
    new = inference.member(cls, old.replacement) if old.replacement else None
    if new is None or (new.kind, new.type, new.parameters) != (old.kind, old.type, old.parameters):
        return old, None
    return old, new


def _all(api: Api, cls: str) -> Iterator[Member]:
    datatype = api.datatype(cls) if api.cls(cls) is None else None
    yield from (datatype.members if datatype else api.members(cls)).values()


@cache
def _owners(api: Api) -> dict[str, list[str]]:
    """The classes that declare each name."""
    owners: dict[str, list[str]] = {}
    for cls in api.classes():
        for name in api.own_members(cls):
            owners.setdefault(name, []).append(cls)
    return owners
