from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tree_sitter import Node

from ...finding import Finding, Span
from ...links import Shared
from ...nodes import BODIES
from ...rule import Invalid, Rule
from ...scopes import Variable
from ...syntax_tree import Document
from ...units import Unit

_LIMIT = 200
# The compiler needs no place for a local that is one of these and stays so.
_CONSTANTS = ("number", "string", "true", "false", "nil")


class TooManyLocals(Rule):
    """More than 200 locals in one block.

    The compiler rejects the whole file: "out of local registers". Put locals that belong together into a table, or
    into a `do ... end` of their own. Locals with a plain number or string that never change do not count.
    """

    severity = "error"
    message = "more than 200 locals in one block: the compiler rejects this"
    valid = (
        "local coins = { red = read(), blue = read() }",
        "local a = 1\n" * 201,
        "local a = read()\n" * 200,
        "do\n" + "local a = read()\n" * 150 + "end\n" + "local a = read()\n" * 150,
    )
    invalid = (Invalid("local " + "a, " * 200 + "last = read()\n--    " + " " * 600 + "^^^^\n"),)

    def gather(self, unit: Unit, document: Document) -> list[tuple[bool, Span]]:
        """The locals of the main body that count, and those that are too many inside; with whether it is the former."""
        variables = document.scopes.variables_of(unit)
        own = [each for each in variables if isinstance(each, Shared) and not _is_constant(each)]
        found = [(True, _span(each, unit)) for each in own]
        if len(variables) > _LIMIT:
            found += ((False, _span(each, unit)) for each in _too_many(variables))
        return found

    def conclude(self, gathered: Sequence[tuple[Unit, Any]], document: Document) -> Iterator[Finding]:
        main = [(unit, span) for unit, (is_main, span) in gathered if is_main]
        inner = [(unit, span) for unit, (is_main, span) in gathered if not is_main]
        for unit, span in main[_LIMIT : _LIMIT + 1] + inner:
            place = Span(unit.start + span.start, unit.start + span.end)
            yield Finding(self.code, place, self.message, self.severity)


def _too_many(variables: list[Variable]) -> Iterator[Variable]:
    counts: Counter[int] = Counter()
    for variable in variables:
        block = None if isinstance(variable, Shared) or _is_constant(variable) else _block(variable.declared)
        if block is not None:
            counts[block.id] += 1
            if counts[block.id] == _LIMIT + 1:
                yield variable


def _span(variable: Variable, unit: Unit) -> Span:
    return Span(variable.declared.start_byte - unit.start, variable.declared.end_byte - unit.start)


def _is_constant(variable: Variable) -> bool:
    return variable.value is not None and variable.value.type in _CONSTANTS and not variable.writes


def _block(name: Node) -> Node | None:
    """The block that a declaration stands in; None for parameters and the variables of loops."""
    above = name.parent
    for _ in range(4):
        if above is None or above.type in BODIES:
            return above
        if above.type in ("for_numeric_clause", "for_generic_clause", "parameter"):
            return None
        above = above.parent
    return None
