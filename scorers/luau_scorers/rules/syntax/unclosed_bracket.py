from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...mending import Mistake, Slip, Trouble
from ...rule import Invalid, Rule


class UnclosedBracket(Slip, Rule):
    """A `(`, `[` or `{` that is never closed.

    The report is where the closing bracket is expected, and says where the bracket was opened. The fix is not safe:
    it closes the bracket as late as possible, which may not be what was meant.
    """

    severity = "error"
    message = "a bracket is never closed"
    also_in = ("luau-lsp", "selene")
    valid = ("print(tostring(1))", "local t = {\n\t1,\n}")
    invalid = (
        Invalid(
            """
print(tostring(coins)
--                  ^
local next = 1
""",
            fixed="""
print(tostring(coins))
local next = 1
""",
        ),
        Invalid(
            """
local t = {
    a = f(1),
--          ^

print(t)
""",
            fixed="""
local t = {
    a = f(1),
}

print(t)
""",
        ),
    )
    rank = 1

    def explain(self, trouble: Trouble) -> Mistake | None:
        opener = trouble.opener
        if opener is None or trouble.expected not in (")", "]", "}", ">"):
            return None
        closer = trouble.expected
        place = self.place(trouble, opener)
        one_line = trouble.line_start(place - 1) == trouble.line_start(opener)
        own_line = closer == "}" and not one_line
        text = f"\n{trouble.indentation(opener).decode()}{closer}" if own_line else closer
        after = trouble.token(place - 1).end
        edit = Edit(Span(after, after), text)
        bracket = f"the `{trouble.text(opener)}` of line {trouble.line(opener)}"
        message = f"`{closer}` is missing after this, to close {bracket}"
        return Mistake(trouble.span(place - 1), message, (edit,), Fix(f"Add {closer}", (edit,), safe=False))

    def place(self, trouble: Trouble, opener: int) -> int:
        """Where the bracket was meant to end: before the first line that stands no further right than its own."""
        left = len(trouble.indentation(opener))
        for index in range(opener + 1, trouble.at):
            if trouble.starts_line(index) and len(trouble.indentation(index)) <= left:
                return index
        return trouble.at
