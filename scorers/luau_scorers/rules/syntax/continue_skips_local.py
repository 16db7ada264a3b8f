from __future__ import annotations

from ...nodes import FUNCTIONS, LOOPS, ancestors, descendants
from ...rule import Invalid, Match, Rule


class ContinueSkipsLocal(Rule):
    """A `continue` that jumps over a local which the condition of its `repeat` loop uses.

    The condition sees the locals of the body, and after such a jump this one would not exist. Declare it at the top of
    the body.
    """

    severity = "error"
    message = "this jumps over a local that the condition after `until` uses"
    query = """
      (continue_statement) @here
    """
    valid = (
        "repeat\n\tlocal done = step()\n\tif slow then continue end\nuntil done",
        "repeat\n\tif slow then continue end\n\tlocal done = step()\nuntil over",
        "while a do\n\tcontinue\nend",
        "repeat\n\tfor i = 1, 2 do continue end\n\tlocal done = step()\nuntil done",
    )
    invalid = (
        Invalid(
            """
repeat
    if slow then
        continue
--      ^^^^^^^^
    end
    local done = step()
until done
"""
        ),
    )

    def check(self, match: Match) -> bool:
        here = match["here"]
        around = next((node for node in ancestors(here) if node.type in FUNCTIONS + LOOPS), None)
        if around is None or around.type != "repeat_statement":
            return False
        condition = around.child_by_field_name("condition")
        scopes = match.document.scopes
        used = [] if condition is None else [condition, *descendants(condition, skip=FUNCTIONS)]
        variables = [scopes.variable(node) for node in used if node.type == "identifier"]
        return any(
            variable is not None and here.end_byte < variable.declared.start_byte < around.end_byte
            for variable in variables
        )
