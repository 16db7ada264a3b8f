"""Calls that look for a child, and whether their result can be nil."""

from __future__ import annotations

from tree_sitter import Node

from .calls import guarded
from .handlers import first_parameter_of
from .nodes import (
    FUNCTIONS,
    ancestors,
    arguments,
    descendants,
    enclosing_function,
    method,
    receiver,
    string_value,
    text,
)
from .scopes import EVERYTHING, Scopes

_FINDERS = ("FindFirstChild", "FindFirstChildOfClass", "FindFirstChildWhichIsA", "WaitForChild")
_COME_AND_GO = ("Humanoid", "Tool", "ForceField", "Sparkles", "Fire")
_SPAWNS = ("CharacterAdded", "CharacterAppearanceLoaded")


def may_be_nil(call: Node, scopes: Scopes) -> bool:
    """Whether nothing shows that the child of ``x:FindFirstChild(name)`` is there, and nobody catches the error."""
    return not (_asked_before(call, scopes) or _must_be_there(call, scopes) or _in_pcall(call, scopes))


def _asked_before(call: Node, scopes: Scopes) -> bool:
    """Whether the same child was looked for above: what was found then is checked there."""
    outer = next((node for node in ancestors(call) if node.type in FUNCTIONS or node.type == "chunk"), call)
    if outer.type == "chunk":
        scopes.looked.keys.add(EVERYTHING)
    before = (node for node in descendants(outer) if node.start_byte < call.start_byte and node.type == "function_call")
    wanted = [text(argument) for argument in arguments(call)[:1]]
    return any(method(node) in _FINDERS and [text(each) for each in arguments(node)[:1]] == wanted for node in before)


def _must_be_there(call: Node, scopes: Scopes) -> bool:
    """Whether the author can count on it: what is stored with the script, and the parts of a character that spawned.

    By its class, or among all descendants, a child is mostly looked for since there is no shorter way to say which:
    then it is there, but for a few classes that come and go.
    """
    given = arguments(call)
    if len(given) != 1 or (method(call) != "FindFirstChild" and string_value(given[0]) not in _COME_AND_GO):
        return True
    of = root = receiver(call)
    while root is not None and root.type in ("dot_index_expression", "function_call"):
        root = root.child_by_field_name("table") or receiver(root)
    if root is None or of is None or root.type != "identifier" or text(root) == "script":
        return True
    variable = scopes.variable(root)
    if variable is not None and variable.value is not None and method(variable.value) == "Clone":
        return True
    return of.type == "identifier" and first_parameter_of(scopes.variable(of), _SPAWNS, scopes)


def _in_pcall(call: Node, scopes: Scopes) -> bool:
    function = enclosing_function(call)
    if function is None or function.type != "function_definition" or function.parent is None:
        return False
    return function.parent.type == "arguments" and guarded(call, scopes)
