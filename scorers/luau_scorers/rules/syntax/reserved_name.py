from __future__ import annotations

from ...finding import Edit, Span
from ...mending import Mistake, Slip, Trouble, fixed
from ...rule import Invalid, Rule
from ...tokens import KEYWORDS


class ReservedName(Slip, Rule):
    """A keyword that is used as a name, as in `range.end` or `{ end = 1 }`.

    A field can have any name in brackets and quotes: `range["end"]`. A variable needs another name. The fix is safe:
    it names the same field.
    """

    severity = "error"
    message = "a keyword cannot be a name"
    also_in = ("luau-lsp", "selene")
    valid = ('local last = range["end"]', 'local range = { ["end"] = 1 }')
    invalid = (
        Invalid(
            """
local last = range.end
--                 ^^^
""",
            fixed="""
local last = range["end"]
""",
        ),
        Invalid(
            """
local range = { start = 1, end = 2 }
--                         ^^^
""",
            fixed="""
local range = { start = 1, ["end"] = 2 }
""",
        ),
        Invalid(
            """
local end = 5
--    ^^^
"""
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        word = trouble.text(trouble.at)
        if trouble.here.text not in KEYWORDS or (trouble.starts_line(trouble.at) and trouble.after.text != b"="):
            return None
        message = f"`{word}` is a keyword and cannot be a name"
        if trouble.expected == "name" and trouble.before.text == b".":
            edit = Edit(Span(trouble.before.start, trouble.here.end), f'["{word}"]')
            return fixed(trouble.span(trouble.at), f'{message}: write `["{word}"]`', f'Write ["{word}"]', edit)
        if trouble.expected == "name":
            return Mistake(trouble.span(trouble.at), message, (trouble.replaced(trouble.at, trouble.at, "_"),))
        if trouble.expected in ("value", "}") and trouble.after.text == b"=" and trouble.before.text in b"{,;":
            edit = trouble.replaced(trouble.at, trouble.at, f'["{word}"]')
            return fixed(trouble.span(trouble.at), f'{message}: write `["{word}"] =`', f'Write ["{word}"]', edit)
        return None
