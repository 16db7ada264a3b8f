from __future__ import annotations

from ...nodes import descendants, text
from ...rule import Invalid, Match, Rule
from ...statements import statements


class SameBranches(Rule):
    """`if` and `else` that do the very same.

    The condition decides nothing: one of the two was meant to differ, or it is not needed. Left alone where a comment
    in one of them tells why.
    """

    severity = "info"
    message = "both branches do the same"
    also_in = ("selene",)
    query = """
      (if_statement
        consequence: (block) @first
        . alternative: (else_statement "else" @here body: (block) @second))
      (if_expression consequence: (_) @first . (else_clause "else" @here consequence: (_) @second)
        (#eq? @first @second))
    """
    valid = (
        "if ready then\n\tprint(1)\nelse\n\tprint(2)\nend",
        "if ready then\n\tprint(1)\nelseif done then\n\tprint(2)\nelse\n\tprint(1)\nend",
        "local shown = if ready then 1 else 2",
        "local shown = if ready then 1 elseif done then 2 else 1",
        "if ready then return else return end",
        "if ready then\n\tprint(1)\nelse\n\t-- the copy is for later\n\tprint(1)\nend",
    )
    invalid = (
        Invalid(
            """
if ready then
    print("go")
    start()
   else
-- ^^^^
    print("go")
    start()
end
"""
        ),
        Invalid(
            """
local shown = if ready then "go" else "go"
--                               ^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        if match["first"].type != "block":
            return True
        blocks = match["first"], match["second"]
        if any(node.type == "comment" for node in descendants(blocks[1].parent or blocks[1])):
            return False
        first, second = map(statements, blocks)
        return [text(each) for each in first] == [text(each) for each in second] and _does_something(match)


def _does_something(match: Match) -> bool:
    return any(each.named_children for each in statements(match["first"]))
