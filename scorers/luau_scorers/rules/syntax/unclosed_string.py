from __future__ import annotations

import re

from ...finding import Edit, Fix, Span
from ...mending import Mistake, Slip, Trouble
from ...rule import Invalid, Rule

_TAIL = re.compile(rb"[)\]},;\s]*\Z|\s+(?:then|do|end\)?)\s*\Z")
_LONG = re.compile(rb"(?:--)?\[(=*)\[")


class UnclosedString(Slip, Rule):
    """A string or a long comment that has no end.

    A string in quotes ends on its line; `[[` goes on to the next `]]`, and `--[[` too. The fix is not safe: where the
    text was meant to end is a guess.
    """

    severity = "error"
    message = "this string never ends"
    also_in = ("luau-lsp", "selene")
    valid = ("print('it is')", "print([[two\nlines]])", "--[[ a comment ]]")
    invalid = (
        Invalid(
            """
print("hello)
--    ^^^^^^^
""",
            fixed="""
print("hello")
""",
        ),
        Invalid(
            """
local text = [[hello
--           ^^^^^^^
"""
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        here = trouble.here
        if long := _LONG.match(here.text):
            if trouble.expected != "end of string" and here.kind == "string":
                return None
            kind = "comment" if here.text.startswith(b"--") else "string"
            message = f"this {kind} never ends: `]{long[1].decode()}]` is missing"
            return Mistake(Span(here.start, trouble.line_end(trouble.at)), message)
        if trouble.expected != "end of string":
            return None
        quote = here.text[:1].decode().replace("}", "`")
        tail = _TAIL.search(here.text, 1)
        end = here.start + tail.start() if tail else here.end
        edit = Edit(Span(end, end), quote)
        message = f"this string never ends: `{quote}` is missing"
        span = Span(here.start, min(here.end, trouble.line_end(trouble.at)))
        reads = (Edit(Span(here.start, end), '""'),)
        return Mistake(span, message, reads, Fix(f"Add {quote}", (edit,), safe=False))
