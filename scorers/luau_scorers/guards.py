"""Where a test has shown what a variable holds: ``if part:IsA("BasePart") then``, and the like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from .nodes import arguments, calls_builtin, method, receiver, string_value, text
from .scopes import Scopes

_EXITS = ("return_statement", "break_statement", "continue_statement")


@dataclass(frozen=True, slots=True)
class Guard:
    """From ``start`` to ``end`` the variable is a ``cls``, or nil."""

    start: int
    end: int
    cls: str


def guards(reads: Iterable[Node], scopes: Scopes) -> Iterator[Guard]:
    """Every place where a variable that is never written again is known to be of some class, by these uses of it."""
    for read in reads:
        test, cls = _test(read, scopes)
        if test is not None and cls is not None:
            for start, end in _holds(test, True):
                yield Guard(start, end, cls)


def _test(read: Node, scopes: Scopes) -> tuple[Node | None, str | None]:
    """The test that this use of a variable is part of, and the class that it asks for."""
    parent = read.parent
    call = parent.parent if parent is not None else None
    if parent is None or call is None:
        return None, None
    if call.type == "function_call" and receiver(call) == read and method(call) == "IsA":
        given = arguments(call)
        return call, string_value(given[0]) if given else None
    if parent.type == "dot_index_expression" and text(parent.child_by_field_name("field")) == "ClassName":
        return _compared(parent)
    if parent.type == "arguments" and call.type == "function_call" and calls_builtin(call, "typeof", scopes):
        return _compared(call)
    return None, None


def _compared(value: Node) -> tuple[Node | None, str | None]:
    """The comparison ``value == "Class"``."""
    test = value.parent
    if test is None or test.type != "binary_expression" or test.children[1].type != "==":
        return None, None
    other = test.child_by_field_name("right" if test.child_by_field_name("left") == value else "left")
    return test, string_value(other) if other is not None else None


def _holds(test: Node, truth: bool) -> Iterator[tuple[int, int]]:
    """Where a test is known to have come out as true, from the ``truth`` of the node up from it."""
    parent = test.parent
    if parent is None:
        return
    if parent.type == "parenthesized_expression":
        yield from _holds(parent, truth)
    elif parent.type == "unary_expression" and parent.children[0].type == "not":
        yield from _holds(parent, not truth)
    elif parent.type == "binary_expression" and parent.children[1].type == ("and" if truth else "or"):
        right = parent.child_by_field_name("right")
        if right is not None and right != test:
            yield right.start_byte, right.end_byte
        yield from _holds(parent, truth)
    elif parent.child_by_field_name("condition") == test:
        yield from _branches(parent, truth)
    elif parent.type == "arguments" and truth:
        yield from _asserted(parent)


def _branches(statement: Node, truth: bool) -> Iterator[tuple[int, int]]:
    consequence = statement.child_by_field_name("consequence")
    if statement.type == "while_statement":
        consequence = statement.child_by_field_name("body")
    if truth:
        if consequence is not None:
            yield consequence.start_byte, consequence.end_byte
        return
    if consequence is not None and statement.type in ("if_statement", "if_expression"):
        yield consequence.end_byte, statement.end_byte
    if statement.type == "if_statement" and _exits(consequence):
        yield from _rest(statement)


def _exits(block: Node | None) -> bool:
    last = block.named_children[-1] if block is not None and block.named_children else None
    return last is not None and (last.type in _EXITS or text(last).startswith("error("))


def _asserted(given: Node) -> Iterator[tuple[int, int]]:
    call = given.parent
    if call is not None and call.type == "function_call" and text(call.child_by_field_name("name")) == "assert":
        yield from _rest(call)


def _rest(statement: Node) -> Iterator[tuple[int, int]]:
    """What follows a statement in its block."""
    if statement.parent is not None and statement.parent.type in ("block", "chunk"):
        yield statement.end_byte, statement.parent.end_byte
