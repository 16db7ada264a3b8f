from __future__ import annotations

from ...flow import within
from ...rule import Invalid, Match, Rule
from ...statements import enclosing_statement


class LoopCounterSet(Rule):
    """`i = i + 1` inside `for i = 1, n do`.

    The loop counts for itself: its variable is a copy, so that setting it skips nothing and repeats nothing. Use a
    `while` loop where the steps differ. Reported only where nothing reads the variable afterwards.
    """

    severity = "warning"
    message = "this does not change how the loop goes on: it counts for itself"
    query = """
      (assignment_statement (variable_list . (identifier) @counter .)) @here
      (update_statement (variable_list . (identifier) @counter .)) @here
    """
    valid = (
        "local i = 1\nwhile i < 5 do\n\ti += 1\nend",
        "for i = 1, 5 do\n\ti = i * 2\n\tprint(i)\nend",
        "for _, name in names do\n\tname = name:upper()\nend",
    )
    invalid = (
        Invalid(
            """
for i = 1, 10 do
    print(i)
    if skip then
        i += 1
--      ^^^^^^
    end
    i = i - 1
--  ^^^^^^^^^
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        variable = match.document.scopes.variable(match["counter"])
        above = variable.declared.parent if variable is not None else None
        if variable is None or above is None or above.type != "for_numeric_clause":
            return False
        end = match["here"].end_byte
        writes = [enclosing_statement(write) for write in variable.writes]
        later = [read for read in variable.reads if read.start_byte > end]
        return all(any(within(read, write) for write in writes) for read in later)
