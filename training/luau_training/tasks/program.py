"""The scripts of one answer as a whole: what each event leads to, and what is asked before something happens.

Everything here follows names, not values: a function that an event's handler mentions counts as reached, and a
condition counts with the locals and the functions that it mentions. Right answers are written in many ways, so where
it is not certain whether something is reached, it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from luau_scorers.engine import every_finding
from luau_scorers.finding import Finding
from luau_scorers.flow import is_choice, local_of
from luau_scorers.handlers import CONNECTS, function_meant
from luau_scorers.nodes import (
    BODIES,
    FUNCTIONS,
    LOOPS,
    ancestors,
    arguments,
    callee,
    descendants,
    method,
    receiver,
    string_value,
    text,
)
from luau_scorers.statements import branches, leaves
from luau_scorers.syntax_tree import Document, parse
from tree_sitter import Node

_INDEXES = ("dot_index_expression", "method_index_expression")
# These hand a function over to be called, and what is asked around the handing over is not asked again.
_LATER = ("BindToClose", "BindAction", "BindActionAtPriority", "BindToRenderStep")
_CALLBACKS = ("OnServerInvoke", "OnClientInvoke", "OnInvoke", "ProcessReceipt")
# What is connected to these goes on with what the code before began.
_ENDS = ("Completed", "Ended", "Stopped", "MoveToFinished", "Finished")
_SIGNALS = ("GetPropertyChangedSignal", "GetAttributeChangedSignal")


class Place(NamedTuple):
    """A node, and the script that it is in."""

    script: Script
    node: Node

    @property
    def key(self) -> tuple[str, int, int, str]:
        return self.script.name, self.node.start_byte, self.node.end_byte, self.node.type

    @property
    def line(self) -> int:
        return self.node.start_point[0] + 1


@dataclass(frozen=True)
class Script:
    """One file of an answer."""

    name: str
    document: Document

    @property
    def stem(self) -> str:
        """The name that other scripts require it by."""
        return self.name.split("/")[-1].split(".")[0]

    @cached_property
    def nodes(self) -> list[Node]:
        return list(descendants(self.document.root))

    @cached_property
    def findings(self) -> list[Finding]:
        return every_finding(self.document)

    @cached_property
    def methods(self) -> dict[str, list[Node]]:
        """The functions that are fields of a table, by the field's name."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name, function in self._fields(node):
                if function is not None:
                    found.setdefault(name, []).append(function)
        return found

    def _fields(self, node: Node) -> Iterator[tuple[str, Node | None]]:
        name = node.child_by_field_name("name")
        if node.type == "function_declaration" and name is not None and name.type in _INDEXES:
            yield field_name(name), node
        elif node.type == "field" and name is not None:
            value = node.child_by_field_name("value")
            yield string_value(name) or text(name), function_meant(value, self.document.scopes)
        elif node.type == "assignment_statement" and len(node.named_children) == 2:
            targets, values = (part.named_children for part in node.named_children)
            for target, value in zip(targets, values, strict=False):
                if target.type in _INDEXES:
                    yield field_name(target), function_meant(value, self.document.scopes)


def field_name(index: Node) -> str:
    """``name`` in ``x.name`` and ``x:name``."""
    return text(index.child_by_field_name("field") or index.child_by_field_name("method"))


class Program:
    """All scripts of an answer. Nothing here raises on text that is no Luau; ``broken`` names such a script."""

    def __init__(self, scripts: Mapping[str, str]) -> None:
        self.scripts = [Script(name, parse(source.encode("utf-8", "replace"))) for name, source in scripts.items()]

    @cached_property
    def broken(self) -> str | None:
        """The first script that does not parse."""
        for script in self.scripts:
            document = script.document
            if document.errors or document.given_up or document.too_deep is not None:
                return script.name
        return None

    @cached_property
    def places(self) -> list[Place]:
        """Every node of every script."""
        return [Place(script, node) for script in self.scripts for node in script.nodes]

    def required(self, script: Script) -> list[Script]:
        """The other scripts of the answer that this one requires."""
        calls = [node for node in script.nodes if node.type == "function_call" and text(callee(node)) == "require"]
        paths = ["".join(text(each) for each in arguments(call)) for call in calls]
        return [other for other in self.scripts if any(_ends_in(path, other.stem) for path in paths)]

    # What leads where

    def mentioned(self, place: Place, later: bool = True) -> Iterator[Place]:
        """The functions, of any of the scripts, that a piece of code names; those written in it are a part of it.

        Without ``later``, what it hands to other events is left out.
        """
        script = place.script
        for node in descendants(place.node) if later else _at_once(place.node):
            if node.type == "identifier":
                function = function_meant(node, script.document.scopes)
                if function is not None:
                    yield Place(script, function)
            elif node.type in _INDEXES and not self._built_in(script, node):
                for owner in (script, *self.required(script)):
                    yield from (Place(owner, function) for function in owner.methods.get(field_name(node), ()))

    def _built_in(self, script: Script, index: Node) -> bool:
        table = index.child_by_field_name("table")
        return table is not None and table.type == "identifier" and script.document.scopes.builtin(table)

    def reach(self, *starts: Place, later: bool = True) -> dict[tuple[str, int, int, str], Place]:
        """Pieces of code and all functions that they lead to, by their keys; see ``mentioned`` for ``later``."""
        found: dict[tuple[str, int, int, str], Place] = {}
        pending = list(starts)
        while pending:
            place = pending.pop()
            if place.key not in found:
                found[place.key] = place
                pending += self.mentioned(place, later)
        return found

    def handed_to(self, event: str) -> list[Place]:
        """What is connected to an event, assigned to a callback or bound, such as ``BindToClose``, by its name."""
        return [Place(place.script, node) for place in self.places for node in _handed(place.node, event)]

    def leads_to(self, events: str) -> list[Place]:
        """All code that one of these events (``"A|B"``) leads to, what it connects to others left out."""
        if events not in self._led:
            starts = [place for event in events.split("|") for place in self.handed_to(event)]
            self._led[events] = list(self.reach(*starts, later=False).values())
        return self._led[events]

    @cached_property
    def _led(self) -> dict[str, list[Place]]:
        return {}

    # What comes before

    def expanded(self, place: Place) -> dict[tuple[str, int, int, str], Place]:
        """Every node of an expression, with those of the locals and functions that it names, and so on."""
        found: dict[tuple[str, int, int, str], Place] = {}
        pending = [place]
        while pending:
            script, node = pending.pop()
            for below in (node, *descendants(node)):
                each = Place(script, below)
                if each.key in found:
                    continue
                found[each.key] = each
                if pcall := _succeeded(script, below):
                    found.update(self._called(Place(script, pcall)))
                else:
                    pending += [Place(script, value) for value in _values(script, below)]
            pending += [f for f in self.mentioned(Place(script, node)) if f.key not in found]
        return found

    def _called(self, place: Place) -> dict[tuple[str, int, int, str], Place]:
        """The calls that a call leads to."""
        pieces = self.reach(place).values()
        nodes = (Place(piece.script, node) for piece in pieces for node in (piece.node, *descendants(piece.node)))
        return {each.key: each for each in nodes if each.node.type in ("function_call", *_INDEXES)}

    def asked(self, place: Place) -> Iterator[Place]:
        """Conditions of the same function that decide whether a node is come to."""
        below = place.node
        for above in ancestors(place.node):
            if above.type in BODIES:
                yield from (Place(place.script, asked) for asked in _exits_before(below, above))
            elif above.type in FUNCTIONS:
                return
            condition = above.child_by_field_name("condition") or above.child_by_field_name("clause")
            if is_choice(above) and above.child_by_field_name("left") != below:
                condition = above.child_by_field_name("left")
            if condition is not None and condition != below and above.type != "repeat_statement":
                yield Place(place.script, condition)
            below = above

    def uses(self, function: Place) -> list[Place]:
        """Where a function is called or handed over, by whatever name."""
        script, node = function
        name = callee(node) if node.type == "function_declaration" else local_of(node)
        variable = script.document.scopes.variable(name) if name is not None and name.type == "identifier" else None
        if variable is not None:
            return [Place(script, read) for read in variable.reads] or [function]
        names = [name for name, functions in script.methods.items() if node in functions]
        if not names:
            return [function]
        return [
            place
            for place in self.places
            if place.node.type in _INDEXES
            and field_name(place.node) in names
            and (place.script is script or script in self.required(place.script))
            and not (
                place.node.parent is not None and place.node.parent.type in ("function_declaration", "variable_list")
            )
        ]

    def always(self, place: Place, test: Callable[[Place], bool], during: str = "") -> bool:
        """Whether a test holds for a node, or for each use of the function that it is in, and so on outwards.

        What is handed to an event to be called later is the outermost. With ``during``, only the uses that these
        events lead to count.
        """
        return self._outwards(place, test, all, frozenset(), during)

    def sometimes(self, place: Place, test: Callable[[Place], bool]) -> bool:
        """The same for a use of the function, whatever the others."""
        return self._outwards(place, test, any, frozenset(), "")

    def _outwards(
        self,
        place: Place,
        test: Callable[[Place], bool],
        quantifier: Callable[[Iterable[bool]], bool],
        seen: frozenset[int],
        during: str,
    ) -> bool:
        if test(place):
            return True
        function = next((above for above in ancestors(place.node) if above.type in FUNCTIONS), None)
        if function is None or function.start_byte in seen:
            return False
        uses = [use for use in self.uses(Place(place.script, function)) if not _inside(use, place.script, function)]
        if during:
            uses = [use for use in uses if lies_in(use, self.leads_to(during), later=False)]
        outer = seen | {function.start_byte}
        return bool(uses) and quantifier(
            not handed_later(use.node) and self._outwards(use, test, quantifier, outer, during) for use in uses
        )


def lies_in(place: Place, pieces: Iterable[Place], later: bool = True) -> bool:
    """Whether a node is within one of these pieces of code; without ``later``, not in what it hands to an event."""
    return any(
        piece.script is place.script
        and piece.node.start_byte <= place.node.start_byte
        and place.node.end_byte <= piece.node.end_byte
        and (later or not _put_off(place.node, piece.node))
        for piece in pieces
    )


def _at_once(node: Node) -> Iterator[Node]:
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
    return signal is None or signal.type not in _INDEXES or field_name(signal) not in _ENDS


def handed_later(node: Node) -> bool:
    """Whether this is what a signal, a binding or a callback is given."""
    above = node.parent
    if above is None or above.parent is None:
        return False
    if above.type == "arguments":
        return method(above.parent) in (*CONNECTS, *_LATER)
    targets = above.prev_named_sibling if above.type == "expression_list" else None
    return targets is not None and field_name(targets.named_children[0]) in _CALLBACKS


def _inside(use: Place, script: Script, function: Node) -> bool:
    """Whether a use of a function is within itself: recursion."""
    return use.script is script and function.start_byte < use.node.start_byte < function.end_byte


def _ends_in(path: str, stem: str) -> bool:
    return path.rstrip("\"')]").endswith(stem) and not path.rstrip("\"')]").removesuffix(stem)[-1:].isalnum()


def _handed(node: Node, event: str) -> Iterator[Node]:
    """What this node, if it is a call or an assignment, gives to an event of this name."""
    if node.type == "function_call":
        given = arguments(node)
        if method(node) == event and event in _LATER:
            yield from given
        called = callee(node)
        signal = called.child_by_field_name("table") if called is not None and method(node) in CONNECTS else None
        if signal is not None and _is_signal(signal, event):
            yield from given
        elif signal is None and any(each.type in _INDEXES and field_name(each) == event for each in given):
            yield from given  # a helper that connects: connections:Add(signal, handler)
        if method(node) == "Wait" and called is not None and (table := called.child_by_field_name("table")):
            yield from [_rest(node)] if _is_signal(table, event) else []
    elif node.type == "assignment_statement" and event in _CALLBACKS:
        targets, values = node.named_children[0].named_children, node.named_children[-1].named_children
        if targets[0].type in _INDEXES and field_name(targets[0]) == event:
            yield from values
    elif node.type == "function_declaration" and event in _CALLBACKS:
        name = callee(node)
        if name is not None and name.type in _INDEXES and field_name(name) == event:
            yield node


def _is_signal(signal: Node, event: str) -> bool:
    """``x.Event``, ``x:GetPropertyChangedSignal("Event")`` or any other call of that name that returns a signal."""
    if signal.type in _INDEXES:
        return field_name(signal) == event
    if signal.type != "function_call":
        return False
    named = arguments(signal)[:1]
    return method(signal) == event or (method(signal) in _SIGNALS and any(string_value(n) == event for n in named))


def _rest(call: Node) -> Node:
    """What runs when a wait is over: the loop, the function or the file around it."""
    return next(above for above in ancestors(call) if above.type in (*LOOPS, *FUNCTIONS, "chunk"))


def _exits_before(statement: Node, block: Node) -> Iterator[Node]:
    """The conditions above a statement of a block at which the block may have been left."""
    for before in block.named_children:
        if before.start_byte >= statement.start_byte:
            return
        if before.type == "function_call" and text(callee(before)) == "assert":
            yield from arguments(before)
        elif before.type == "if_statement" and any(_leaves(branch) for branch in branches(before)):
            yield from (c for each in (before, *before.named_children) if (c := each.child_by_field_name("condition")))
        elif before.type == "repeat_statement" and (until := before.child_by_field_name("condition")):
            yield until


def _leaves(branch: Node | None) -> bool:
    return branch is not None and bool(branch.named_children) and leaves(branch.named_children[-1])


def _succeeded(script: Script, name: Node) -> Node | None:
    """The ``pcall`` whose success this local is: it tells that all was done, not what was found."""
    variable = script.document.scopes.variable(name) if name.type == "identifier" else None
    if variable is None or variable.kind != "local" or variable.writes:
        return None
    names, values = variable.declared.parent, _declaration(variable.declared)
    if names is None or values is None or names.named_children[0] != variable.declared:
        return None
    value = values.named_children[0] if values.type == "expression_list" else values
    return value if text(callee(value)) in ("pcall", "xpcall") else None


def _values(script: Script, name: Node) -> Iterator[Node]:
    """Where a local gets its values: its declaration, and the loops or statements that set it anew."""
    variable = script.document.scopes.variable(name) if name.type == "identifier" else None
    if variable is None or variable.kind in ("function", "parameter"):
        return
    declared = variable.value or _declaration(variable.declared)
    if declared is not None and declared.type not in FUNCTIONS:
        yield declared
    for write in variable.writes:
        for around in ancestors(write):
            if around.type in FUNCTIONS:
                break
            if around.type in ("assignment_statement", "update_statement"):
                yield around
            if decides := around.child_by_field_name("condition") or around.child_by_field_name("clause"):
                yield decides


def _declaration(name: Node) -> Node | None:
    """The values of ``local a, b = f()`` and what ``for a, b in f() do`` goes through."""
    names = name.parent
    if names is None or names.type == "for_numeric_clause":
        return names
    return names.next_named_sibling
