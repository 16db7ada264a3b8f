from __future__ import annotations

from ...blocks import misplaced
from ...mending import Mistake, Slip, Trouble
from ...rule import Invalid, Rule

_CLOSERS = frozenset(b"end until else elseif then ) ] }".split())
_BRACKETS = (b")", b"]", b"}")


class StrayCloser(Slip, Rule):
    """An `end` or bracket that closes nothing.

    Often it is one too many, or a block above it ended too early. Where a block's `end` does not stand below its first
    word, the message names that block.
    """

    severity = "error"
    message = "this closes nothing"
    also_in = ("luau-lsp", "selene")
    valid = ("do\n\tf()\nend",)
    invalid = (
        Invalid(
            """
    f()
    end
--  ^^^
"""
        ),
        Invalid(
            """
f(1))
--  ^
"""
        ),
        Invalid(
            """
   if a then f() else g() elseif b then h() end
--                        ^^^^^^
"""
        ),
        Invalid(
            """
if a or b) then
--       ^
	f()
end
"""
        ),
    )
    rank = 1

    def explain(self, trouble: Trouble) -> Mistake | None:
        here = trouble.here.text
        at_start = trouble.at == trouble.statement and trouble.expected in ("value", "statement")
        if here in (b"else", b"elseif") and trouble.expected == "end" and trouble.opener is not None:
            word = "else" if trouble.text(trouble.opener) == "if" else trouble.text(trouble.opener)
            return Mistake(trouble.span(trouble.at), f"`{here.decode()}` cannot come after `{word}`")
        after_value = here in _BRACKETS and trouble.expected not in ("value", "name", "type", "arguments")
        if here not in _CLOSERS or not (at_start or after_value):
            return None
        message = f"this `{here.decode()}` closes nothing"
        early = misplaced(trouble.source, trouble.tokens, trouble.at) if here == b"end" else None
        if early:
            opened, ended = trouble.line(early.opener), trouble.line(early.closer)
            message += f": the `{trouble.text(early.opener)}` of line {opened} ended with the `end` of line {ended}"
        return Mistake(trouble.span(trouble.at), message, (trouble.replaced(trouble.at, trouble.at, ""),))
