from __future__ import annotations

from ...nodes import FUNCTIONS, LOOPS, ancestors
from ...rule import Invalid, Match, Rule


class BreakOutsideLoop(Rule):
    """A `break` or `continue` that no loop surrounds.

    They leave or repeat the loop around them. A function in between is a border: to leave that, write `return`.
    """

    severity = "error"
    message = "no loop is around this"
    also_in = ("luau-lsp",)
    query = """
      [(break_statement) (continue_statement)] @here
    """
    valid = ("while true do\n\tif a then break end\n\tcontinue\nend",)
    invalid = (
        Invalid(
            """
while true do
	items:each(function(item)
       break
--     ^^^^^
	end)
end
"""
        ),
        Invalid(
            """
if done then
    continue
--  ^^^^^^^^
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        around = next((node for node in ancestors(match["here"]) if node.type in FUNCTIONS + LOOPS), None)
        return around is None or around.type not in LOOPS

    def describe(self, match: Match) -> str:
        return f"no loop is around this `{match.text('here')}`"
