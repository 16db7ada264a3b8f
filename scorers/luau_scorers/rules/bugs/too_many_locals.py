from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...finding import Finding, Span
from ...nodes import BODIES
from ...rule import Invalid, Rule
from ...scopes import Variable
from ...syntax_tree import Document

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

    def scan(self, document: Document) -> Iterator[Finding]:
        if len(document.scopes.variables) <= _LIMIT:
            return
        counts: dict[int, int] = {}
        for variable in document.scopes.variables:
            block = None if _is_constant(variable) else _block(variable.declared)
            if block is None:
                continue
            counts[block.id] = counts.get(block.id, 0) + 1
            if counts[block.id] == _LIMIT + 1:
                span = Span(variable.declared.start_byte, variable.declared.end_byte)
                yield Finding(self.code, span, self.message, self.severity)


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
