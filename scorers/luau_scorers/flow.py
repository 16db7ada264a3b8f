"""What happens before what: checks, early exits and waits, as far as the order of statements shows them."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from .nodes import BODIES, FUNCTIONS, ancestors, arguments, callee, calls_builtin, descendants, method, text
from .scopes import Scopes, Variable
from .words import words

_TESTING = ("if_statement", "elseif_statement", "while_statement", "repeat_statement")
_WAITS = words("Wait GetAsync SetAsync UpdateAsync IncrementAsync RemoveAsync LoadCharacter InvokeClient")
_INDEXES = ("dot_index_expression", "method_index_expression", "bracket_index_expression")


def within(node: Node, outer: Node) -> bool:
    """Whether a node lies in another."""
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


def reads_within(variable: Variable, outer: Node) -> list[Node]:
    """Where a variable is read in a part of the file, in order."""
    return sorted((read for read in variable.reads if within(read, outer)), key=lambda read: read.start_byte)


def statement(node: Node) -> Node:
    """The innermost statement that a node is part of."""
    while node.parent is not None and node.parent.type not in BODIES:
        node = node.parent
    return node


def local_of(value: Node) -> Node | None:
    """The name in ``local name = value``."""
    values = value.parent
    names = values.prev_named_sibling if values is not None and values.type == "expression_list" else None
    if names is None or names.parent is None or len(names.named_children) != 1:
        return None
    above = names.parent.parent
    return names.named_children[0] if above is not None and above.type == "variable_declaration" else None


def indexed(name: Node) -> Node | None:
    """``name.field`` or ``name:method``, where this name is what it indexes."""
    above = name.parent
    if above is None or above.type not in _INDEXES or above.child_by_field_name("table") != name:
        return None
    return above


def job(node: Node, scopes: Scopes) -> Node:
    """The function that this is a step of, or the file; what ``pcall`` is given belongs to the function around it."""
    below = node
    for above in ancestors(node):
        if above.type in FUNCTIONS:
            call = above.parent.parent if above.parent is not None else None
            guards = ("pcall", "xpcall")
            if call is None or not any(calls_builtin(call, guard, scopes) for guard in guards):
                return above
        below = above
    return below


def always_runs(node: Node, body: Node) -> bool:
    """Whether a node runs whenever the body around it runs to the node's line: no branch, no function between."""
    below = node
    for above in ancestors(node):
        if above == body:
            break
        if above.type in FUNCTIONS or above.type == "if_expression":
            return False
        if below.type == "block" and above.type not in ("do_statement", "repeat_statement"):
            return False
        if above.type == "elseif_statement" or (is_choice(above) and above.child_by_field_name("right") == below):
            return False
        below = above
    return True


def is_choice(node: Node) -> bool:
    """Whether this is ``a and b`` or ``a or b``."""
    return operator(node) in ("and", "or")


def operator(node: Node) -> str:
    """The operator of an expression with two sides; empty for anything else."""
    return node.children[1].type if node.type == "binary_expression" and len(node.children) > 2 else ""


def conditions_before(node: Node, function: Node) -> Iterator[Node]:
    """Every condition in the function that is asked on a line above the node, ``assert`` included."""
    for each in descendants(function):
        if each.start_byte >= node.start_byte:
            return
        condition = each.child_by_field_name("condition") if each.type in _TESTING else None
        if condition is not None and condition.end_byte <= node.start_byte:
            yield condition
        elif each.type == "function_call" and text(callee(each)) == "assert":
            yield from arguments(each)


def asks_state(condition: Node, function: Node, scopes: Scopes) -> bool:
    """Whether a condition depends on what outlives the function: a flag, a table of times, an attribute."""
    for node in (condition, *descendants(condition)):
        variable = scopes.variable(node) if node.type == "identifier" else None
        if variable and not within(variable.declared, function) and (variable.writes or indexed(node)):
            return True
        if node.type == "identifier" and not variable and scopes.sets_global(text(node)):
            return True
        if node.type == "function_call" and method(node) in ("GetAttribute", "HasTag"):
            return True
    return False


def sets_outer(function: Node, scopes: Scopes) -> bool:
    """Whether a function sets a local that is declared outside of it."""
    return any(not within(variable.declared, function) for variable in scopes.set_in(function))


def calls(node: Node, skip: tuple[str, ...] = ()) -> Iterator[Node]:
    """Every call in a node, in order."""
    return (each for each in (node, *descendants(node, skip)) if each.type == "function_call")


def waits(call: Node, scopes: Scopes) -> bool:
    """Whether this call is known to give time to others before it returns."""
    return method(call) in _WAITS or calls_builtin(call, "task.wait", scopes) or calls_builtin(call, "wait", scopes)


def calls_unknown(node: Node, scopes: Scopes) -> bool:
    """Whether a function of the file, or of a module, is called here: what it checks is not known."""
    for call in calls(node):
        called = callee(call)
        while called is not None and called.type == "dot_index_expression":
            called = called.child_by_field_name("table")
        if called is not None and called.type == "identifier" and not scopes.builtin(called):
            return True
    return False
