"""What decides on the way to a node, and where the values of a local come from."""

from __future__ import annotations

from collections.abc import Iterator

from luau_scorers.nodes import FUNCTIONS, ancestors, arguments, callee, text
from luau_scorers.statements import branches, leaves
from tree_sitter import Node

from .script import Script


def exits_before(statement: Node, block: Node) -> Iterator[Node]:
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


def values(script: Script, name: Node) -> Iterator[Node]:
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


def succeeded(script: Script, name: Node) -> Node | None:
    """The ``pcall`` whose success this local is: it tells that all was done, not what was found."""
    variable = script.document.scopes.variable(name) if name.type == "identifier" else None
    if variable is None or variable.kind != "local" or variable.writes:
        return None
    names, values = variable.declared.parent, _declaration(variable.declared)
    if names is None or values is None or names.named_children[0] != variable.declared:
        return None
    value = values.named_children[0] if values.type == "expression_list" else values
    return value if text(callee(value)) in ("pcall", "xpcall") else None
