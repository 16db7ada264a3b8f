from __future__ import annotations

from ...nodes import enclosing_function
from ...rule import Invalid, Match, Rule


class VarargOutsideFunction(Rule):
    """A `...` in a function that has no `...` among its parameters.

    A function inside another does not see the outer one's `...`: keep it in a local, `local values = { ... }`, or add
    `...` to the parameters.
    """

    severity = "error"
    message = "this function has no `...` among its parameters"
    also_in = ("luau-lsp",)
    query = """
      (vararg_expression) @here
    """
    valid = (
        "local function f(...)\n\treturn ...\nend",
        "print(...)",
        "local function f(...: number)\n\treturn ...\nend",
    )
    invalid = (
        Invalid(
            """
local function log(...)
	task.defer(function()
       print(...)
--           ^^^
	end)
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        here = match["here"]
        function = enclosing_function(here)
        parameters = function.child_by_field_name("parameters") if function else None
        if parameters is None or here.start_byte < parameters.end_byte:
            return False
        return "..." not in match.document.text(parameters)
