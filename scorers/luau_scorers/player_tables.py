"""Tables that hold something for each player, and whether anything takes it out again."""

from __future__ import annotations

from tree_sitter import Node

from .flow import indexed
from .nodes import ancestors, callee, enclosing_function, text
from .scopes import Scopes, Variable
from .values import operands, operator

_UNSURE = ("nil", "identifier", "dot_index_expression", "vararg_expression")
_READS_ONLY = ("pairs", "ipairs", "next", "print")


def kept_table(name: Node, scopes: Scopes) -> Variable | None:
    """The local table of the file that this name means, where it starts empty and only this file can clear it."""
    variable = scopes.variable(name)
    if variable is None or variable.kind != "local" or variable.writes or enclosing_function(variable.declared):
        return None
    value = variable.value
    if value is not None and value.type == "cast_expression":
        value = value.named_children[0]
    if value is None or value.type != "table_constructor" or value.named_children:
        return None
    return variable if all(_stays(read) for read in variable.reads) else None


def is_first_fill(here: Node, table: Variable) -> bool:
    """Whether this is the first place in the file that puts something into the table."""
    filled = [read for read in table.reads if _is_target(read)]
    return bool(filled) and filled[0].start_byte == here.start_byte


def ever_cleared(table: Variable) -> bool:
    """Whether any assignment may take something out: ``players[key] = nil``, or a value that may be nil."""
    first, *later = [read for read in table.reads if _is_target(read)]
    return _sets(first, _UNSURE) or any(_sets(read, (*_UNSURE, "function_call")) for read in later)


def is_handed_in(name: Node, scopes: Scopes) -> bool:
    """Whether this name is a parameter or a loop's variable, so that it means one player after another."""
    variable = scopes.variable(name)
    return variable is not None and variable.kind in ("parameter", "loop") and not variable.writes


def _stays(read: Node) -> bool:
    """Whether this use looks into the table without handing it to somebody who may clear it."""
    above = read.parent
    if above is None or indexed(read) is not None:
        return above is not None and above.type == "bracket_index_expression"
    if above.type == "arguments" and above.parent is not None:
        return text(callee(above.parent)) in _READS_ONLY
    in_loop = above.parent is not None and above.parent.type == "for_generic_clause"
    return in_loop or above.type == "unary_expression"


def _is_target(read: Node) -> bool:
    above = read.parent
    return above is not None and above.parent is not None and above.parent.type == "variable_list"


def _sets(read: Node, kinds: tuple[str, ...]) -> bool:
    """Whether an assignment to an entry gives it a value of one of these kinds."""
    change = next(above for above in ancestors(read) if "statement" in above.type)
    if change.type != "assignment_statement":
        return False
    return any(value.type in kinds or _may_be_nil(value) for value in change.named_children[-1].named_children)


def _may_be_nil(value: Node) -> bool:
    """``condition or nil``, ``condition and value``: nil is how an entry is taken out."""
    sides = operands(value) if operator(value) in ("and", "or") else []
    return operator(value) == "and" or any(side.type == "nil" for side in sides)
