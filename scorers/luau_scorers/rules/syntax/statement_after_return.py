from __future__ import annotations

from ...mending import Mistake, Slip, Trouble
from ...rule import Invalid, Rule


class StatementAfterReturn(Slip, Rule):
    """A statement after `return`, `break` or `continue` in the same block.

    It could never run, and Luau takes it for a mistake. To leave early while you try things out, write
    `do return end`.
    """

    severity = "error"
    message = "this could never run: `return`, `break` and `continue` end their block"
    also_in = ("luau-lsp", "selene")
    valid = ("do return end\nprint(1)", "return 1;")
    invalid = (
        Invalid(
            """
local function f()
   return 1
   print(2)
-- ^^^^^
end
"""
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        waits = trouble.expected in ("end", "until", "statement")
        if not trouble.here.text or trouble.at != trouble.ended or not waits:
            return None
        word = trouble.first_of_line(trouble.at - 1)
        aligned = trouble.indentation(trouble.at) == trouble.indentation(word)
        keyword = trouble.token(word).text in (b"return", b"break", b"continue")
        if trouble.here.text in (b")", b"}", b"]") or not (keyword and aligned and trouble.starts_line(trouble.at)):
            return None
        return Mistake(trouble.span(trouble.at), self.message)
