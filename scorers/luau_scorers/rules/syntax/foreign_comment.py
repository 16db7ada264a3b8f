from __future__ import annotations

from collections.abc import Iterator

from ...finding import Edit, Fix, Span
from ...mending import Mistake, Slip, Trouble
from ...rule import Invalid, Rule

_LONG = {b"/*": b"*/", b'"""': b'"""', b"'''": b"'''", b"<!--": b"-->"}


class ForeignComment(Slip, Rule):
    """A comment of another language: `// text`, `# text`, `/* text */`, or a text in three quotes.

    Luau writes `-- text`, and `--[[ text ]]` over several lines. The fix is safe where the comment has its line for
    itself.
    """

    severity = "error"
    message = "Luau's comments begin with `--`"
    also_in = ("luau-lsp", "selene")
    valid = ("local half = #items // 2 -- rounded down",)
    invalid = (
        Invalid(
            """
local a = 1
   // the player's first
-- ^^
local b = 2 # the second
--          ^
""",
            fixed="""
local a = 1
   -- the player's first
local b = 2 -- the second
""",
        ),
        Invalid(
            """
   /* Coins that
-- ^^
   come back */
local reward = 5
""",
            fixed="""
   --[[ Coins that
   come back ]]
local reward = 5
""",
        ),
        Invalid(
            '''
   """Coins that come back."""
-- ^^^
local reward = 5
''',
            fixed="""
   --[[Coins that come back.]]
local reward = 5
""",
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        for line in self.lines(trouble):
            for index in line:
                if found := self.long_comment(trouble, index) or self.line_comment(trouble, index):
                    return found
        return None

    def lines(self, trouble: Trouble) -> Iterator[range]:
        """The tokens of each line that the trouble may come from."""
        places = {trouble.at, trouble.at - 1, trouble.opener or 0, trouble.statement} - {-1}
        seen = {trouble.first_of_line(index) for index in places if trouble.token(index).text}
        for first in sorted(seen):
            last = first
            while not trouble.ends_line(last):
                last += 1
            yield range(first, last + 1)

    def line_comment(self, trouble: Trouble, index: int) -> Mistake | None:
        token = trouble.token(index)
        first = trouble.starts_line(index)
        following = trouble.source[token.end : token.end + 1]
        if token.text == b"#":
            words = first or following.isspace()
        elif token.text == b"//":
            words = first or (following.isspace() and index + 1 < trouble.at)
        else:
            return None
        if not words or trouble.at < index:
            return None
        span = Span(token.start, token.end)
        message = f"a comment begins with `--` in Luau, not with `{token.text.decode()}`"
        fix = Fix("Write --", (Edit(span, "--"),), safe=first or token.text == b"#")
        return Mistake(span, message, (Edit(Span(token.start, trouble.line_end(index)), ""),), fix)

    def long_comment(self, trouble: Trouble, index: int) -> Mistake | None:
        source, start = trouble.source, trouble.token(index).start
        opener = next((sign for sign in _LONG if source.startswith(sign, start)), None)
        if opener is None or not trouble.starts_line(index):
            return None
        close = source.find(_LONG[opener], start + len(opener))
        end = close + len(_LONG[opener]) if close >= 0 else len(source)
        span = Span(start, start + len(opener))
        message = f"a comment over several lines is `--[[ ... ]]` in Luau, not `{opener.decode()} ... `"
        message = message[:-2] + f"{_LONG[opener].decode()}`"
        reads = (Edit(Span(start, end), ""),)
        if close < 0 or b"]]" in source[start:end]:
            return Mistake(span, message, reads)
        return Mistake(span, message, reads, Fix("Write --[[ ]]", (Edit(span, "--[["), Edit(Span(close, end), "]]"))))
