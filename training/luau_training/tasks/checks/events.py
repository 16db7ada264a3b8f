"""What is handed to events and callbacks, to be called later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from luau_scorers.handlers import CONNECTS
from luau_scorers.nodes import FUNCTIONS, LOOPS, ancestors, arguments, callee, method, receiver, string_value
from tree_sitter import Node

from .script import INDEXES, Place, field_name

# These hand a function over to be called, and what is asked around the handing over is not asked again.
_LATER = ("BindToClose", "BindAction", "BindActionAtPriority", "BindToRenderStep")
_CALLBACKS = ("OnServerInvoke", "OnClientInvoke", "OnInvoke", "ProcessReceipt")
# What is connected to these goes on with what the code before began.
_ENDS = ("Completed", "Ended", "Stopped", "MoveToFinished", "Finished")
_SIGNALS = ("GetPropertyChangedSignal", "GetAttributeChangedSignal")


def handed(node: Node, event: str) -> Iterator[Node]:
    """What this node, if it is a call or an assignment, gives to an event of this name."""
    if node.type == "function_call":
        given = arguments(node)
        if method(node) == event and event in _LATER:
            yield from given
        called = callee(node)
        signal = called.child_by_field_name("table") if called is not None and method(node) in CONNECTS else None
        if signal is not None and _is_signal(signal, event):
            yield from given
        elif signal is None and any(each.type in INDEXES and field_name(each) == event for each in given):
            yield from given  # a helper that connects: connections:Add(signal, handler)
        if method(node) == "Wait" and called is not None and (table := called.child_by_field_name("table")):
            yield from [_rest(node)] if _is_signal(table, event) else []
    elif node.type == "assignment_statement" and event in _CALLBACKS:
        targets, values = node.named_children[0].named_children, node.named_children[-1].named_children
        if targets[0].type in INDEXES and field_name(targets[0]) == event:
            yield from values
    elif node.type == "function_declaration" and event in _CALLBACKS:
        name = callee(node)
        if name is not None and name.type in INDEXES and field_name(name) == event:
            yield node


def _is_signal(signal: Node, event: str) -> bool:
    """``x.Event``, ``x:GetPropertyChangedSignal("Event")`` or any other call of that name that returns a signal."""
    if signal.type in INDEXES:
        return field_name(signal) == event
    if signal.type != "function_call":
        return False
    named = arguments(signal)[:1]
    return method(signal) == event or (method(signal) in _SIGNALS and any(string_value(n) == event for n in named))


def _rest(call: Node) -> Node:
    """What runs when a wait is over: the loop, the function or the file around it."""
    return next(above for above in ancestors(call) if above.type in (*LOOPS, *FUNCTIONS, "chunk"))


def handed_later(node: Node) -> bool:
    """Whether this is what a signal, a binding or a callback is given."""
    above = node.parent
    if above is None or above.parent is None:
        return False
    if above.type == "arguments":
        return method(above.parent) in (*CONNECTS, *_LATER)
    targets = above.prev_named_sibling if above.type == "expression_list" else None
    return targets is not None and field_name(targets.named_children[0]) in _CALLBACKS


def lies_in(place: Place, pieces: Iterable[Place], later: bool = True) -> bool:
    """Whether a node is within one of these pieces of code; without ``later``, not in what it hands to an event."""
    return any(
        piece.script is place.script
        and piece.node.start_byte <= place.node.start_byte
        and place.node.end_byte <= piece.node.end_byte
        and (later or not _put_off(place.node, piece.node))
        for piece in pieces
    )


def at_once(node: Node) -> Iterator[Node]:
    """A node and those below, without what is handed to events."""
    pending = [node]
    while pending:
        below = pending.pop()
        yield below
        pending += [child for child in reversed(below.named_children) if not _starts_anew(child)]


def _put_off(node: Node, piece: Node) -> bool:
    """Whether a node is in something that a piece of code hands to an event."""
    for above in (node, *ancestors(node)):
        if above.start_byte <= piece.start_byte and piece.end_byte <= above.end_byte:
            return False
        if _starts_anew(above):
            return True
    return False


def _starts_anew(node: Node) -> bool:
    """Whether this is handed to an event that comes again and again, not one that ends what was begun."""
    call = node.parent.parent if node.parent is not None and node.parent.type == "arguments" else None
    if not handed_later(node) or (call is not None and method(call) == "Once"):
        return False
    signal = receiver(call) if call is not None else None
    return signal is None or signal.type not in INDEXES or field_name(signal) not in _ENDS
