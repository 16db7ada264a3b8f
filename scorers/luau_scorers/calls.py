"""What calls do: which are known not to yield, and which run under ``pcall``."""

from __future__ import annotations

from tree_sitter import Node

from .nodes import FUNCTIONS, ancestors, arguments, callee, calls_builtin, descendants, method, text
from .passing import holder
from .scopes import Scopes, Variable
from .words import words

_QUICK_LIBRARIES = words("""
    math string table bit32 buffer utf8 os vector debug Vector3 Vector2 CFrame Color3 BrickColor UDim UDim2 Instance
    TweenInfo Random Ray RaycastParams OverlapParams NumberRange NumberSequence ColorSequence Rect Region3 DateTime Font
    """)
_QUICK_GLOBALS = words("""
    print warn tostring tonumber type typeof ipairs pairs next select unpack rawget rawset rawequal rawlen setmetatable
    getmetatable tick time os.clock task.spawn task.defer task.delay task.cancel spawn delay
    """)
_QUICK_METHODS = words("""
    GetChildren GetDescendants GetPlayers FindFirstChild FindFirstChildOfClass FindFirstChildWhichIsA FindFirstAncestor
    IsA IsDescendantOf GetAttribute SetAttribute Destroy Clone GetService GetPivot PivotTo MoveTo GetPlayerFromCharacter
    TakeDamage Play Stop Pause NextNumber NextInteger Lerp Dot Cross GetTagged HasTag ClearAllChildren
    SetPrimaryPartCFrame
    """)
# These call their argument later, on a thread of its own, and let its errors through.
_UNGUARDED_METHODS = frozenset(("Connect", "Once", "ConnectParallel", "BindToClose", "BindAction", "BindToRenderStep"))
_UNGUARDED_GLOBALS = ("task.spawn", "task.defer", "task.delay", "spawn", "delay", "coroutine.wrap", "coroutine.create")


def never_yields(body: Node, scopes: Scopes, seen: frozenset[int] = frozenset()) -> bool:
    """Whether every call in this code, functions that it only defines left out, is known to return at once."""
    calls = [node for node in descendants(body, skip=FUNCTIONS) if node.type == "function_call"]
    return all(_is_quick(call, scopes, seen) for call in calls)


def _is_quick(call: Node, scopes: Scopes, seen: frozenset[int]) -> bool:
    called = callee(call)
    if called is None:
        return False
    if name := method(call):
        return name in _QUICK_METHODS
    if called.type == "dot_index_expression":
        table = called.child_by_field_name("table")
        if table is None or table.type != "identifier" or not scopes.builtin(table):
            return False
        return text(table) in _QUICK_LIBRARIES or text(called) in _QUICK_GLOBALS
    if called.type != "identifier":
        return False
    variable = scopes.variable(called)
    if variable is None:
        return scopes.builtin(called) and text(called) in _QUICK_GLOBALS
    return _is_quick_function(variable, scopes, seen)


def _is_quick_function(variable: Variable, scopes: Scopes, seen: frozenset[int]) -> bool:
    function = variable.value
    if function is None or function.type not in FUNCTIONS or variable.writes:
        return False
    if function.start_byte in seen:
        return True
    return never_yields(function, scopes, seen | {function.start_byte})


def guarded(node: Node, scopes: Scopes, seen: frozenset[int] = frozenset()) -> bool:
    """Whether an error here may be caught: by a ``pcall`` around it, or by somebody whom we do not know."""
    for function in ancestors(node):
        if function.type not in FUNCTIONS:
            continue
        if function.start_byte in seen:
            return True
        return _function_guarded(function, scopes, seen | {function.start_byte})
    return False


def _function_guarded(function: Node, scopes: Scopes, seen: frozenset[int]) -> bool:
    variable = holder(function, scopes)
    if variable is not None:
        return any(_use_guarded(use, scopes, seen) for use in variable.reads)
    if function.type == "function_declaration":
        return True  # a global or a method: who calls it, and how, is not known
    if function.parent is None or function.parent.type != "arguments":
        return True
    return _use_guarded(function, scopes, seen)


def _use_guarded(use: Node, scopes: Scopes, seen: frozenset[int]) -> bool:
    """Whether this use of a function, called or handed over, may catch its errors."""
    call = use.parent
    if call is not None and call.type == "function_call" and callee(call) == use:
        return guarded(call, scopes, seen)
    call = call.parent if call is not None and call.type == "arguments" else None
    if call is None or call.type != "function_call" or use not in arguments(call):
        return True
    lets_through = method(call) in _UNGUARDED_METHODS
    return not lets_through and not any(calls_builtin(call, name, scopes) for name in _UNGUARDED_GLOBALS)
