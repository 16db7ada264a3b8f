from __future__ import annotations

from ...mending import Mistake, Slip, Trouble, fixed
from ...rule import Invalid, Rule


class IncompleteStatement(Slip, Rule):
    """A value that stands alone as a statement: nothing is done with it.

    Luau takes calls and assignments as statements, no other values. A `==` in such a place was meant to be `=`; that
    fix is safe, since the script does not run as it is.
    """

    severity = "error"
    message = "nothing is done with this value: assign it or call it"
    also_in = ("luau-lsp", "selene")
    valid = ("f()", "a = 1", "a.b:c()")
    invalid = (
        Invalid(
            """
do
   player.Name
-- ^^^^^^^^^^^
end
"""
        ),
        Invalid(
            """
coins == 0
--    ^^
""",
            fixed="""
coins = 0
""",
        ),
    )
    rank = 2

    def explain(self, trouble: Trouble) -> Mistake | None:
        if trouble.opener is None or trouble.expected != "use":
            return None
        if trouble.here.text == b"==":
            edit = trouble.replaced(trouble.at, trouble.at, "=")
            return fixed(trouble.span(trouble.at), "`==` compares; write `=` to assign", "Write =", edit)
        last = trouble.at - 1
        while last > trouble.opener and trouble.line_start(last) > trouble.token(trouble.opener).start:
            last -= 1
        span = trouble.span(trouble.opener, last)
        if trouble.starts_line(trouble.at) or not trouble.here.text:
            return Mistake(span, self.message, (trouble.replaced(trouble.opener, trouble.at - 1, ""),))
        return Mistake(span, f"this cannot be followed by `{trouble.text(trouble.at)}`")
