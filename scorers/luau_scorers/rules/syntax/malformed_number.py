from __future__ import annotations

from ...mending import Mistake, Slip, Trouble
from ...rule import Invalid, Rule


class MalformedNumber(Slip, Rule):
    """A number that Luau cannot read, such as `12px`, `1.2.3` or `1..2`.

    Numbers are decimal (`1_000.5e-3`), hexadecimal (`0xFF`) or binary (`0b1010`); `5i` is an integer. To join a number
    with a text, put a blank before the dots: `1 .. "st"`.
    """

    severity = "error"
    message = "this is no number"
    also_in = ("luau-lsp", "selene")
    valid = ("local a, b, c, d = 1_000.5e-3, 0xFF_FF, 0b1010, .5", 'local a = 1 .. "st"', "local a = 5i")
    invalid = (
        Invalid(
            """
local version = 1.2.3
--              ^^^^^
"""
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        if trouble.expected != "number":
            return None
        shown = trouble.text(trouble.at)
        blank = ": put a blank before the dots" if ".." in shown else ""
        return Mistake(
            trouble.span(trouble.at), f"`{shown}` is no number{blank}", (trouble.replaced(trouble.at, trouble.at, "0"),)
        )
