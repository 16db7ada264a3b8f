"""What of the Roblox API a place in a script is about: what an editor tells of it on hover."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from .finding import Span
from .nodes import callee, method
from .nodes import text as text_of
from .roblox_api import Api, Member, RobloxClass
from .syntax_tree import Document

_DOCS = "https://create.roblox.com/docs/reference/engine"
# Their argument is the name of a class.
_TAKE_CLASS = frozenset(
    """
    GetService FindService IsA FindFirstChildOfClass FindFirstChildWhichIsA FindFirstAncestorOfClass
    FindFirstAncestorWhichIsA
    """.split()
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A class, a member, a datatype, an enum or one of its items. ``member`` or ``cls`` tells more, where it is known.

    ``title`` is as one would write it, with types; ``url`` is its page in Roblox' documentation.
    """

    span: Span
    title: str
    url: str
    member: Member | None = None
    cls: RobloxClass | None = None


def subject_at(document: Document, offset: int) -> Subject | None:
    """What the name at a byte offset stands for; None where that is not certain, or of no API."""
    node = document.root.descendant_for_byte_range(offset, offset)
    if node is None:
        return None
    span = Span(node.start_byte, node.end_byte)
    if node.type == "string_content":
        return _named_class(node, span)
    above = node.parent
    if node.type != "identifier" or above is None:
        return None
    if above.child_by_field_name("field") == node or above.child_by_field_name("method") == node:
        table = above.child_by_field_name("table")
        return _member(document, table, text_of(node), span) if table is not None else None
    if above.type == "variable_list" and node.prev_sibling is not None and node.prev_sibling.type == ":":
        return _class(text_of(node), span)
    return _name(document, node, span)


def _named_class(node: Node, span: Span) -> Subject | None:
    """The class that ``Instance.new("Part")`` or ``:GetService("Players")`` names."""
    string = node.parent
    call = string.parent.parent if string is not None and string.parent is not None else None
    if call is None or call.type != "function_call":
        return None
    called = callee(call)
    is_new = called is not None and called.type == "dot_index_expression" and text_of(called) == "Instance.new"
    return _class(text_of(node), span) if is_new or method(call) in _TAKE_CLASS else None


def _name(document: Document, node: Node, span: Span) -> Subject | None:
    """A name by itself: a variable whose class is known, or something global."""
    name, api = text_of(node), Api.load()
    if document.scopes.builtin(node):
        if api.library(name):
            return Subject(span, name, f"{_DOCS}/libraries/{name}")
        if api.datatype(name) is not None:
            return _datatype(name, span)
        builtin = api.builtin(name)
        if builtin is not None and name not in ("game", "workspace", "script"):
            page = "LuaGlobals" if name in _LUA else "RobloxGlobals"
            return Subject(span, _signature(name, builtin), f"{_DOCS}/globals/{page}#{name}", builtin)
    kind = document.inference.class_of(node)
    if kind is None or "." in kind:
        return None
    return _class(kind, span, name) or _datatype(kind, span, name)


# Those that Luau itself has; the rest are Roblox' own.
_LUA = frozenset(
    """
    assert collectgarbage error getfenv getmetatable ipairs loadstring newproxy next pairs pcall print rawequal rawget
    rawlen rawset require select setfenv setmetatable tonumber tostring type unpack xpcall _G _VERSION
    """.split()
)


def _member(document: Document, table: Node, name: str, span: Span) -> Subject | None:
    api = Api.load()
    if table.type == "identifier" and document.scopes.builtin(table):
        owner = text_of(table)
        library, datatype = api.library(owner), api.datatype(owner)
        found = library.get(name) or (datatype.static.get(name) if datatype else None)
        if found is not None:
            kind = "libraries" if library else "datatypes"
            return Subject(span, _signature(f"{owner}.{name}", found), f"{_DOCS}/{kind}/{owner}#{name}", found)
    kind_of = document.inference.class_of(table)
    if kind_of is None:
        return None
    if kind_of == "Enums" or kind_of.startswith("Enums."):
        enum, item = (name, "") if kind_of == "Enums" else (kind_of.removeprefix("Enums."), f".{name}")
        known = api.enum(enum)
        if known is None or (item and name not in known):
            return None
        return Subject(span, f"Enum.{enum}{item}", f"{_DOCS}/enums/{enum}{'#' if item else ''}{item[1:]}")
    member = document.inference.member(kind_of, name)
    if member is None:
        return None
    kind = "classes" if api.cls(member.owner) is not None else "datatypes"
    colon = ":" if member.kind == "method" else "."
    title = _signature(f"{member.owner}{colon}{name}", member)
    return Subject(span, title, f"{_DOCS}/{kind}/{member.owner}#{name}", member)


def _class(name: str, span: Span, variable: str = "") -> Subject | None:
    cls = Api.load().cls(name)
    if cls is None:
        return None
    title = f"{variable}: {name}" if variable else f"{name}: {cls.superclass}" if cls.superclass else name
    return Subject(span, title, f"{_DOCS}/classes/{name}", cls=cls)


def _datatype(name: str, span: Span, variable: str = "") -> Subject | None:
    if Api.load().datatype(name) is None:
        return None
    return Subject(span, f"{variable}: {name}" if variable else name, f"{_DOCS}/datatypes/{name}")


def _signature(name: str, member: Member) -> str:
    given = ", ".join(member.parameters)
    if member.kind == "event":
        return f"{name}: RBXScriptSignal<{given}>" if given else f"{name}: RBXScriptSignal"
    if member.kind in ("method", "callback"):
        return f"{name}({given}): {member.type or '()'}"
    return f"{name}: {member.type or 'any'}"
