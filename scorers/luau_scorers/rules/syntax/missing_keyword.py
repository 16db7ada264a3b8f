from __future__ import annotations

from ...finding import Edit, Span
from ...mending import Mistake, Slip, Trouble, fixed
from ...rule import Invalid, Rule
from ...tokens import KEYWORDS

_WRONG = {"then": b"do", "do": b"then"}
_STARTS = KEYWORDS - frozenset(b"and or not nil true false in".split())


class MissingKeyword(Slip, Rule):
    """The head of an `if` without its `then`, of a loop without its `do`, or a local function without `function`.

    The fix adds the word at the head's end, or puts it in the place of the wrong one. It is safe where the line ends
    there, or a statement begins.
    """

    severity = "error"
    message = "a word is missing at the end of this head"
    also_in = ("luau-lsp", "selene")
    valid = ("if ready then\n\tstart()\nend", "for i = 1, 3 do\n\tstart(i)\nend")
    invalid = (
        Invalid(
            """
if ready
-- ^^^^^
	start()
end
""",
            fixed="""
if ready then
	start()
end
""",
        ),
        Invalid(
            """
for _, player in players:GetPlayers() then
--                                    ^^^^
	start(player)
end
""",
            fixed="""
for _, player in players:GetPlayers() do
	start(player)
end
""",
        ),
        Invalid(
            """
local start(player)
--    ^^^^^
	print(player)
end
""",
            fixed="""
local function start(player)
	print(player)
end
""",
        ),
    )
    rank = 1

    def explain(self, trouble: Trouble) -> Mistake | None:
        if local_function := self.local_function(trouble):
            return local_function
        word = trouble.expected
        if word not in _WRONG or trouble.opener is None:
            return None
        head = trouble.text(trouble.opener)
        if trouble.here.text == _WRONG[word]:
            message = f"`{head}` goes with `{word}`, not with `{trouble.text(trouble.at)}`"
            return fixed(
                trouble.span(trouble.at), message, f"Write {word}", trouble.replaced(trouble.at, trouble.at, word)
            )
        if not (trouble.starts_line(trouble.at) or trouble.here.text in _STARTS or not trouble.here.text):
            return None
        edit = Edit(Span(trouble.previous_end, trouble.previous_end), f" {word}")
        message = f"`{word}` is missing after this: `{head} ... {word}`"
        return fixed(trouble.span(trouble.at - 1), message, f"Add {word}", edit)

    def local_function(self, trouble: Trouble) -> Mistake | None:
        """``local f()``, which is read as a local and a value in brackets."""
        bracket = trouble.statement
        name = trouble.token(bracket - 1)
        if trouble.token(bracket).text != b"(" or bracket < 2 or trouble.token(bracket - 2).text != b"local":
            return None
        if trouble.starts_line(bracket) or name.kind != "name":
            return None
        message = f"`function` is missing before `{trouble.text(bracket - 1)}`"
        edit = Edit(Span(name.start, name.start), "function ")
        return fixed(trouble.span(bracket - 1), message, "Add function", edit)
