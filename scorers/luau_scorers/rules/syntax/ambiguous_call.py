from __future__ import annotations

from ...finding import Edit, Span
from ...mending import Mistake, Slip, Trouble, fixed
from ...rule import Invalid, Rule


class AmbiguousCall(Slip, Rule):
    """A line that begins with `(` right after a line that could be called.

    Luau refuses to guess whether the bracket is a call of the value above or a new statement. A `;` ends the
    statement above.
    """

    severity = "error"
    message = "Luau cannot tell this from a call of what is on the line above: end that with `;`"
    also_in = ("luau-lsp",)
    valid = ("f(1)", "local a = f\n;(b :: any).c = 1", "f {\n\t1,\n}")
    invalid = (
        Invalid(
            """
local a = f
   (b :: any).c = 1
-- ^
""",
            fixed="""
local a = f;
   (b :: any).c = 1
""",
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        if trouble.expected != "same line":
            return None
        place = Span(trouble.previous_end, trouble.previous_end)
        return fixed(trouble.span(trouble.at), self.message, "End the statement above", Edit(place, ";"))
