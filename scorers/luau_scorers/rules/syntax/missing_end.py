from __future__ import annotations

from ...blocks import Lacking, lacking
from ...finding import Edit, Fix, Span
from ...mending import Mistake, Slip, Trouble
from ...rule import Invalid, Rule

_CLOSERS = (b")", b"}", b"]", b",")


class MissingEnd(Slip, Rule):
    """A block that has no `end`, or a `repeat` that has no `until`.

    The parser notices it at the end of the file, far from the mistake. Indentation shows where the block was meant to
    end, so that is where it is reported, with the line on which it begins. The fix is safe where the lines show the
    block's end.
    """

    severity = "error"
    message = "a block is never closed"
    also_in = ("luau-lsp", "selene")
    valid = ("if a then\n\tf()\nend\nlocal x = if a then b else c",)
    invalid = (
        Invalid(
            """
local function f(x)
    if x then
        g()
--        ^
end

local function h() end
""",
            fixed="""
local function f(x)
    if x then
        g()
    end
end

local function h() end
""",
        ),
        Invalid(
            """
button.Activated:Connect(function()
    if open then close()
--                     ^
end)
""",
            fixed="""
button.Activated:Connect(function()
    if open then close() end
end)
""",
        ),
        Invalid(
            """
repeat
    task.wait()
--            ^
start()
"""
        ),
    )
    rank = 1

    def explain(self, trouble: Trouble) -> Mistake | None:
        found = block_without_end(trouble)
        if found is None:
            return None
        last = found.place - 1
        while last > 0 and trouble.token(last).start == trouble.token(last).end:
            last -= 1  # what was added to read on is not in the text
        after = Span(trouble.token(last).end, trouble.token(last).end)
        blocks = [f"the `{trouble.text(opener)}` of line {trouble.line(opener)}" for opener in found.openers]
        if trouble.token(found.openers[0]).text == b"repeat":
            message = f"`until` is missing after this, to close {blocks[0]}"
            return Mistake(trouble.span(last), message, (Edit(after, " until true"),))
        edit = Edit(after, "".join(self.closer(trouble, opener, last) for opener in found.openers))
        word = "`end` is" if len(blocks) == 1 else f"{len(blocks)} `end`s are"
        message = f"{word} missing after this, to close {' and '.join(blocks)}"
        certain = trouble.starts_line(found.place) or not trouble.token(found.place).text
        return Mistake(trouble.span(last), message, (edit,), Fix("Add end", (edit,), safe=certain))

    def closer(self, trouble: Trouble, opener: int, last: int) -> str:
        one_line = trouble.line_start(last) == trouble.line_start(opener)
        return " end" if one_line else f"\n{trouble.indentation(opener).decode()}end"


def block_without_end(trouble: Trouble) -> Lacking | None:
    """The block whose end is missing, if that is the trouble."""
    waits = trouble.expected in ("end", "until")
    closes = trouble.here.text in _CLOSERS and (trouble.here.text != b"," or trouble.starts_line(trouble.at))
    closed_early = trouble.at == trouble.statement and trouble.expected == "value" and closes
    if not (waits or closed_early):
        return None
    found = lacking(trouble.source, trouble.tokens, trouble.top, trouble.at)
    second_else = trouble.here.text in (b"else", b"elseif")
    if found or not waits or trouble.opener is None or second_else:
        return found
    return Lacking((trouble.opener,), trouble.at, None)
