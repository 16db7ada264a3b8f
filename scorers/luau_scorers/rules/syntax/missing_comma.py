from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...mending import Mistake, Slip, Trouble
from ...rule import Invalid, Rule
from ...tokens import KEYWORDS

_VALUES = frozenset(b"function nil true false not { [ if".split())


class MissingComma(Slip, Rule):
    """Two fields of a table, or two arguments of a call, with nothing between them.

    The fix is safe between the fields of a table. Between arguments an operator may be what is missing.
    """

    severity = "error"
    message = "a `,` is missing after this"
    also_in = ("luau-lsp", "selene")
    valid = ("local t = { a = 1, b = 2; c = 3 }", "print(a, b)")
    invalid = (
        Invalid(
            """
local t = {
    a = 1
--      ^
    b = 2,
}
""",
            fixed="""
local t = {
    a = 1,
    b = 2,
}
""",
        ),
        Invalid(
            """
print("coins" coins)
--    ^^^^^^^
""",
            fixed="""
print("coins", coins)
""",
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        opener = trouble.opener
        if opener is None or trouble.expected not in ("}", ")") or not self.begins_value(trouble):
            return None
        table = trouble.expected == "}"
        if trouble.starts_line(trouble.at):
            further_right = len(trouble.indentation(trouble.at)) > len(trouble.indentation(opener))
            if not further_right or (not table and trouble.after.text in (b"=", b"(", b".", b":")):
                return None
        after = trouble.previous_end
        edit = Edit(Span(after, after), ",")
        message = self.message if table else "a `,` or an operator is missing after this"
        return Mistake(trouble.span(trouble.at - 1), message, (edit,), Fix("Add ,", (edit,), safe=table))

    def begins_value(self, trouble: Trouble) -> bool:
        here = trouble.here
        name = here.kind == "name" and here.text not in KEYWORDS
        return name or here.kind in ("number", "string") or here.text in _VALUES
