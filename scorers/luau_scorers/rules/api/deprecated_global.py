from __future__ import annotations

from ...finding import Edit, Fix
from ...nodes import arguments, is_statement
from ...rule import Invalid, Match, Rule

_TASK = {
    "wait": "task.wait",
    "Wait": "task.wait",
    "spawn": "task.spawn",
    "Spawn": "task.spawn",
    "delay": "task.delay",
    "Delay": "task.delay",
}


class DeprecatedGlobal(Rule):
    """The global `wait`, `spawn` or `delay`, which the `task` library replaced.

    The old ones run at half the frame rate and are throttled, so that a wait can take far longer than asked for.
    The fix is safe where nothing uses what the call returns, and where a function that is handed over takes no
    arguments; elsewhere look whether the script needs the second value of `wait`.
    """

    severity = "warning"
    message = "deprecated and throttled"
    also_in = ("luau-lsp",)
    luau_lints = ("DeprecatedGlobal",)
    query = """
      (function_call name: (identifier) @here (#any-of? @here "wait" "Wait" "spawn" "Spawn" "delay" "Delay")) @call
    """
    valid = (
        "task.wait(1)",
        "local function wait(n) print(n) end\nwait(1)",
        "clock.wait(1)",
        "pause(1)",
    )
    invalid = (
        Invalid(
            """
while true do
    wait(1)
--  ^^^^
end
""",
            fixed="""
while true do
    task.wait(1)
end
""",
        ),
        Invalid(
            """
   delay(2, function() print("later") end)
-- ^^^^^
""",
            fixed="""
   task.delay(2, function() print("later") end)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        return match.document.scopes.builtin(match["here"])

    def describe(self, match: Match) -> str:
        name = match.text("here")
        return f"`{name}` is deprecated and throttled: use `{_TASK[name]}`"

    def fix(self, match: Match) -> Fix:
        new = _TASK[match.text("here")]
        return Fix(f"Use {new}", (Edit(match.span("here"), new),), safe=_same(match))


def _same(match: Match) -> bool:
    """Whether the new function does the same here."""
    call = match["call"]
    if match.text("here").lower() == "wait":
        return is_statement(call) or (call.parent is not None and call.parent.type == "while_statement")
    functions = [argument for argument in arguments(call) if argument.type == "function_definition"]
    parameters = [function.child_by_field_name("parameters") for function in functions]
    return is_statement(call) and bool(functions) and not any(node and node.named_children for node in parameters)
