"""The scripts of one answer as a whole: what each event leads to, and what is asked before something happens.

Everything here follows names, not values: a function that an event's handler mentions counts as reached, and a
condition counts with the locals and the functions that it mentions. Right answers are written in many ways, so where
it is not certain whether something is reached, it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from luau_scorers.flow import is_choice, local_of
from luau_scorers.handlers import function_meant
from luau_scorers.nodes import BODIES, FUNCTIONS, ancestors, arguments, callee, descendants, text
from luau_scorers.syntax_tree import parse
from tree_sitter import Node

from .events import at_once, handed, handed_later, lies_in
from .script import INDEXES, Place, Script, field_name
from .sources import exits_before, succeeded, values


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
        for node in descendants(place.node) if later else at_once(place.node):
            if node.type == "identifier":
                function = function_meant(node, script.document.scopes)
                if function is not None:
                    yield Place(script, function)
            elif node.type in INDEXES and not self._built_in(script, node):
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
        return [Place(place.script, node) for place in self.places for node in handed(place.node, event)]

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
                if pcall := succeeded(script, below):
                    found.update(self._called(Place(script, pcall)))
                else:
                    pending += [Place(script, value) for value in values(script, below)]
            pending += [f for f in self.mentioned(Place(script, node)) if f.key not in found]
        return found

    def _called(self, place: Place) -> dict[tuple[str, int, int, str], Place]:
        """The calls that a call leads to."""
        pieces = self.reach(place).values()
        nodes = (Place(piece.script, node) for piece in pieces for node in (piece.node, *descendants(piece.node)))
        return {each.key: each for each in nodes if each.node.type in ("function_call", *INDEXES)}

    def asked(self, place: Place) -> Iterator[Place]:
        """Conditions of the same function that decide whether a node is come to."""
        below = place.node
        for above in ancestors(place.node):
            if above.type in BODIES:
                yield from (Place(place.script, asked) for asked in exits_before(below, above))
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
            if place.node.type in INDEXES
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


def _inside(use: Place, script: Script, function: Node) -> bool:
    """Whether a use of a function is within itself: recursion."""
    return use.script is script and function.start_byte < use.node.start_byte < function.end_byte


def _ends_in(path: str, stem: str) -> bool:
    return path.rstrip("\"')]").endswith(stem) and not path.rstrip("\"')]").removesuffix(stem)[-1:].isalnum()
