from __future__ import annotations

from ...rule import Invalid, Match, Rule


class ReservedName(Rule):
    """A keyword where a name or a value is needed.

    Either something is missing in front of it, as in `local x =` with nothing after it, or it is used as a name, as in
    `range.end`: write `range["end"]`.
    """

    severity = "error"
    message = "a keyword cannot stand here"
    query = """
      ((identifier) @here
        (#any-of? @here "and" "break" "do" "else" "elseif" "end" "false" "for" "function" "if" "in" "local" "nil" "not"
          "or" "repeat" "return" "then" "true" "until" "while"))
    """
    valid = ('local last = range["end"]',)
    invalid = (
        Invalid(
            """
do
   local x =
   local y = 2
-- ^^^^^
end
"""
        ),
        Invalid(
            """
local last = range.end
--                 ^^^
"""
        ),
    )

    def describe(self, match: Match) -> str:
        word = match.text("here")
        return (
            f"the keyword `{word}` cannot stand here: a value or a name is missing before it, or it is used as a name"
        )
