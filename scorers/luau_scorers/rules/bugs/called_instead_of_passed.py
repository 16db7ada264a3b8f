from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix
from ...nodes import FUNCTIONS, arguments, calls_builtin, descendants, method
from ...rule import Invalid, Match, Rule
from ...scopes import Scopes

_CONNECT = ("Connect", "Once", "ConnectParallel", "BindToClose")
_RUN = ("task.spawn", "task.defer", "pcall", "coroutine.wrap", "coroutine.create")
_DELAY = ("task.delay", "delay")


class CalledInsteadOfPassed(Rule):
    """`event:Connect(start())`: the function is called at once, and what it returns, nothing, is connected.

    Pass the function itself: `event:Connect(start)`. The fix takes the brackets off; it is not safe, because the
    function then runs later, which is what was meant. Reported only for functions of the file that return nothing.
    """

    severity = "error"
    message = "this calls the function now: pass the function itself, without ()"
    query = """
      (arguments (function_call name: (identifier) @function) @here .)
    """
    valid = (
        "local function start() end\nevent:Connect(start)\nprint(start())\nlist:Add(start())",
        "local function handler() return print end\nevent:Connect(handler())\ntask.spawn(handler())",
        "local function handler() end\nprint(1, handler())",
        "event:Connect(handler())",
    )
    invalid = (
        Invalid(
            """
local function start() print("start") end
script.Parent.Touched:Connect(start())
--                            ^^^^^^^
task.delay(5, start())
--            ^^^^^^^
""",
            fixed="""
local function start() print("start") end
script.Parent.Touched:Connect(start)
task.delay(5, start)
""",
        ),
        Invalid(
            """
local function show(text) print(text) end
task.spawn(show("start"))
--         ^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        if not _is_wanted(match["here"], match.document.scopes):
            return False
        variable = match.document.scopes.variable(match["function"])
        if variable is None or variable.value is None or variable.writes or variable.value.type not in FUNCTIONS:
            return False
        return not any(_gives_value(node) for node in descendants(variable.value, skip=FUNCTIONS))

    def fix(self, match: Match) -> Fix | None:
        if arguments(match["here"]):
            return None
        edit = Edit(match.span("here"), match.text("function"))
        return Fix("Pass the function", (edit,), safe=False)


def _gives_value(node: Node) -> bool:
    return node.type == "return_statement" and bool(node.named_children)


def _is_wanted(argument: Node, scopes: Scopes) -> bool:
    """Whether a function is what must be passed here."""
    call = argument.parent.parent if argument.parent is not None else None
    if call is None or call.type != "function_call":
        return False
    place = arguments(call).index(argument)
    if method(call) in _CONNECT:
        return place == 0
    names = {0: _RUN, 1: _DELAY}.get(place, ())
    return any(calls_builtin(call, name, scopes) for name in names)
