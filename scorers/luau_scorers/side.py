"""Whether code runs on the server or on a client, where it could not run on the other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tree_sitter import Node

from .handlers import Handler, handlers
from .nodes import FUNCTIONS, ancestors, descendants, method, text
from .roblox_api import Api
from .syntax_tree import Document, Side
from .units import Key

_EVENTS: dict[str, Side] = {
    "OnServerEvent": "server",
    "OnServerInvoke": "server",
    "ProcessReceipt": "server",
    "OnClientEvent": "client",
    "OnClientInvoke": "client",
}
# Whatever a remote is reached by, these names are its methods.
_METHODS: dict[str, Side] = {
    "FireClient": "server",
    "FireAllClients": "server",
    "InvokeClient": "server",
    "FireServer": "client",
    "InvokeServer": "client",
}
# A file that asks where it runs knows what it does.
_ASKS = (b"IsServer", b"IsClient", b"IsStudio", b"IsRunMode", b"IsEdit", b"IsRunning", b"plugin")
_INDEXES = ("dot_index_expression", "method_index_expression")
_CHOICES = (*FUNCTIONS, "if_statement", "if_expression", "while_statement", "for_statement", "repeat_statement")


def needs(index: Node, document: Document) -> Side | None:
    """The side without which ``object.Name`` or ``object:Name`` cannot do its work."""
    table, name = index.child_by_field_name("table"), index.child_by_field_name("field")
    if name is None:
        name = index.child_by_field_name("method")
        if (side := _METHODS.get(text(name))) and index.type == "method_index_expression":
            return side
    if table is None or name is None or text(name) not in _sided_names(document.inference.api):
        return None
    cls = document.inference.class_of(table)
    member = document.inference.member(cls, text(name)) if cls else None
    if cls is None or member is None:
        return _EVENTS.get(text(name))
    found = document.inference.api.cls(member.owner)
    both = member.side if member.side != "both" or found is None else found.side
    return None if both == "both" else both


@cache
def _sided_names(api: Api) -> frozenset[str]:
    """Every name that some class has for one side alone: most names are not, and need no further look."""
    found = set(_EVENTS)
    for name in api.classes():
        cls = api.cls(name)
        for member in api.own_members(name).values():
            if member.side != "both" or (cls is not None and cls.side != "both"):
                found.add(member.name)
    return frozenset(found)


def side_of(node: Node, document: Document) -> Side | None:
    """The side that this code certainly runs on."""
    if document.mentions(*_ASKS):
        return None
    for function in ancestors(node):
        if function.type in FUNCTIONS:
            sides = {_serves(handler, document) for handler in handlers(function, document.scopes)}
            if side := sides.pop() if len(sides) == 1 else None:
                return side
    return document.side or document.fact(("side",), _main_side)


def _serves(handler: Handler, document: Document) -> Side | None:
    if side := _EVENTS.get(handler.event):
        return side
    signal = handler.connect.child_by_field_name("name")
    event = signal.child_by_field_name("table") if signal is not None else None
    return needs(event, document) if event is not None and event.type in _INDEXES else None


def forget_shown(document: Document, keys: set[Key]) -> None:
    """Forget which side statements show, where that depends on one of these."""
    for unit in document.scopes.units:
        if unit.shows is not None and not keys.isdisjoint(unit.shows[1]):
            unit.shows = None


def _main_side(document: Document) -> Side | None:
    """The side that the main body shows: at its first such statement it would stop on the other."""
    for unit in document.scopes.units:
        if unit.shows is None:
            document.inference.forget_nodes()
            with document.scopes.looked.apart() as looked:
                unit.shows = next(_shown(unit.node, document), None), looked
        side: Side | None = unit.shows[0]
        if side:
            return side
    return None


def _shown(statement: Node, document: Document) -> Iterator[Side]:
    if statement.type in _CHOICES:
        return
    for node in (statement, *descendants(statement, skip=_CHOICES)):
        if node.type == "binary_expression" and node.children[1].type in ("and", "or"):
            return
        table = node.child_by_field_name("table") if node.type in _INDEXES else None
        if table is not None and _local_player(table, document):
            yield "client"
        if node.type == "function_call" and (side := _stops(node, document)):
            yield side


def _stops(call: Node, document: Document) -> Side | None:
    """The side without which this call raises an error."""
    if side := _METHODS.get(method(call)):
        return side
    called = call.child_by_field_name("name")
    event = called.child_by_field_name("table") if called is not None else None
    if event is not None and event.type == "dot_index_expression" and method(call) in ("Connect", "Once"):
        return _EVENTS.get(text(event.child_by_field_name("field")))
    cls = document.inference.class_of(event) if event is not None else None
    return "server" if cls in ("DataStoreService", "MessagingService", "MemoryStoreService") else None


def _local_player(node: Node, document: Document) -> bool:
    """Whether this is ``Players.LocalPlayer``, or a local that holds it: nil on the server."""
    variable = document.scopes.variable(node) if node.type == "identifier" else None
    if variable is not None and variable.value is not None and not variable.writes:
        node = variable.value
    if node.type != "dot_index_expression" or text(node.child_by_field_name("field")) != "LocalPlayer":
        return False
    table = node.child_by_field_name("table")
    return table is not None and document.inference.class_of(table) == "Players"
