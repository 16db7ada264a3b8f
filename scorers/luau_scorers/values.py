"""What an expression's value is known to be, from the expression alone."""

from __future__ import annotations

from typing import Literal

from tree_sitter import Node

from .nodes import calls_builtin, string_value, text
from .scopes import Scopes

ValueType = Literal["number", "string", "boolean", "nil", "table", "function"]

_LITERALS: dict[str, ValueType] = {
    "number": "number",
    "string": "string",
    "true": "boolean",
    "false": "boolean",
    "nil": "nil",
    "table_constructor": "table",
    "function_definition": "function",
}
COMPARISONS = ("==", "~=", "<", ">", "<=", ">=")
_ARITHMETIC = ("+", "-", "*", "/", "//", "%", "^")
_CONDITION_PARTS = ("parenthesized_expression", "binary_expression", "unary_expression")
_LOGIC = ("and", "or", "not", "(")
_GIVE_STRINGS = ("tostring", "type", "typeof", "string.format", "string.rep", "string.lower", "string.upper")


def value_type(node: Node, scopes: Scopes) -> ValueType | None:
    """The type that this expression has whatever happens, or None where that is not known."""
    node = unwrapped(node)
    if node.type in _LITERALS:
        return _LITERALS[node.type]
    if node.type == "unary_expression":
        return _unary_type(node, scopes)
    if node.type == "binary_expression":
        return _binary_type(node, scopes)
    if node.type == "function_call" and any(calls_builtin(node, name, scopes) for name in _GIVE_STRINGS):
        return "string"
    return None


def _unary_type(node: Node, scopes: Scopes) -> ValueType | None:
    sign = operator(node)
    if sign == "not":
        return "boolean"
    operand = node.child_by_field_name("operand")
    return "number" if sign == "#" or (operand is not None and value_type(operand, scopes) == "number") else None


def _binary_type(node: Node, scopes: Scopes) -> ValueType | None:
    sign = operator(node)
    if sign in COMPARISONS:
        return "boolean"
    sides = {value_type(side, scopes) for side in operands(node)}
    if sign == ".." and "string" in sides:
        return "string"
    return "number" if sign in _ARITHMETIC and sides == {"number"} else None


def operator(node: Node) -> str:
    """The sign of a unary or binary expression, or of an update such as ``+=``."""
    return next((child.type for child in node.children if not child.is_named), "")


def operands(node: Node) -> list[Node]:
    """Both sides of a binary expression."""
    sides = (node.child_by_field_name("left"), node.child_by_field_name("right"))
    return [side for side in sides if side is not None]


def is_left_of(node: Node, sign: str) -> bool:
    """Whether this is the left side of a binary expression with this operator."""
    above = node.parent
    return above is not None and operator(above) == sign and operands(above)[0] == node


def unwrapped(node: Node) -> Node:
    """The expression inside parentheses, however many."""
    while node.type == "parenthesized_expression":
        inside = [child for child in node.named_children if child.type != "comment"]
        if len(inside) != 1:
            return node
        node = inside[0]
    return node


def number_value(node: Node | None) -> float | None:
    """The value of a decimal number, with or without a minus before it."""
    if node is None:
        return None
    if node.type == "unary_expression" and operator(node) == "-":
        value = number_value(node.child_by_field_name("operand"))
        return None if value is None else -value
    try:
        return float(text(node)) if node.type == "number" else None
    except ValueError:
        return None


def is_words(node: Node) -> bool:
    """Whether this is a string that Luau cannot take for a number."""
    value = string_value(node)
    if value is None:
        return False
    try:
        float(value)
    except ValueError:
        return not value.strip().lower().startswith(("0x", "0b"))
    return value.strip().lower() in ("nan", "inf", "infinity")


def gives_many(node: Node) -> bool:
    """Whether this expression may stand for any number of values where it comes last."""
    return node.type in ("function_call", "vararg_expression")


def is_steady(node: Node) -> bool:
    """Whether reading this twice gives the same and does nothing: a name, a field of one, a literal."""
    if node.type == "dot_index_expression":
        table = node.child_by_field_name("table")
        return table is not None and is_steady(table)
    return node.type in ("identifier", "number", "string", "true", "false", "nil") and not any(
        child.type == "interpolation" for child in node.named_children
    )


def decides(node: Node) -> bool:
    """Whether this is a condition, alone or with ``and``, ``or``, ``not``."""
    above = node.parent
    while above is not None and above.type in _CONDITION_PARTS and operator(above) in _LOGIC:
        node, above = above, above.parent
    return above is not None and above.child_by_field_name("condition") == node
