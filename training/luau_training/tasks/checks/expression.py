"""Reading checks as they stand in a task's header."""

from __future__ import annotations

import ast
from functools import cache

from . import conditions, guards, memory, points, vocabulary, whole
from .vocabulary import Check

_VOCABULARY = {
    vocabulary: "some every no",
    points: "call new assign assign_key read enum literal operation loop returns function connects handed once",
    memory: "state sent",
    conditions: "on within in_script uses holding named compared under_pcall repeats",
    guards: "asked validated debounced beside preceded_by followed_by",
    whole: "present_too forgets exports requires clean",
}
_WORDS = {word: getattr(module, word) for module, words in _VOCABULARY.items() for word in words.split()}
_ALLOWED = (ast.Expression, ast.Call, ast.Name, ast.Load, ast.Constant, ast.Attribute)
_OPERATORS = (ast.BinOp, ast.BitOr, ast.BitAnd, ast.UnaryOp, ast.Invert)


@cache
def check_from(expression: str) -> Check:
    """The check that an expression such as ``every(call("GetAsync"), under_pcall)`` means.

    Raises ValueError with one sentence where it means none.
    """
    try:
        tree = ast.parse(" ".join(expression.split()), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"the check {expression!r} can't be read: {error.msg}") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr != "where":
            raise ValueError(f"the check {expression!r} uses .{node.attr}; only .where(...) is known")
        if isinstance(node, ast.Name) and node.id not in _WORDS:
            raise ValueError(f"the check {expression!r} uses {node.id!r}, which is none of {', '.join(_WORDS)}")
        if not isinstance(node, (*_ALLOWED, *_OPERATORS)):
            raise ValueError(f"the check {expression!r} may only call words and join them with | and &")
    try:
        check = eval(compile(tree, "<check>", "eval"), {"__builtins__": {}}, _WORDS)  # only words, as seen above
    except (TypeError, AttributeError) as error:
        raise ValueError(f"the check {expression!r} does not fit together: {error}") from error
    if not isinstance(check, Check):
        raise ValueError(f"the check {expression!r} gives no check: begin it with some, every or no")
    return check
