from __future__ import annotations

from ...finding import Edit, Span
from ...mending import Mistake, Slip, Trouble, fixed
from ...rule import Invalid, Rule
from ...tokens import KEYWORDS

_WORDS = {
    b"if": " then",
    b"elseif": " then",
    b"elif": " then",
    b"while": " do",
    b"for": " do",
    b"else": "",
    b"do": "",
    b"repeat": "",
    b"function": "",
    b"def": "",
}
_BRANCHES = (b"else", b"elseif", b"elif")
_STATEMENTS = KEYWORDS - frozenset(b"and or not nil true false".split())
# So far back a block's `:` is looked for: Luau takes it for a method call and reads on.
_NEAR = 40


class ForeignBlock(Slip, Rule):
    """A block that begins with `{` or `:`, as in C, JavaScript or Python.

    Luau's blocks begin with `then` or `do`, or right after the head of a function, and stop with `end`. The fix is
    safe: as it stands, the script does not run at all.
    """

    severity = "error"
    message = "Luau's blocks begin with a word"
    also_in = ("luau-lsp", "selene")
    valid = ("if ready {\n\t1,\n} then\n\tstart()\nend", "local at = map:get(1)")
    invalid = (
        Invalid(
            """
if (ready) {
--         ^
	start();
} else if (late) {
	stop();
} else {
	task.wait();
}
""",
            fixed="""
if (ready) then
	start();
elseif (late) then
	stop();
else
	task.wait();
end
""",
        ),
        Invalid(
            """
door.Touched:Connect(function(part) {
--                                  ^
	open(part)
})
""",
            fixed="""
door.Touched:Connect(function(part)
	open(part)
end)
""",
        ),
        Invalid(
            """
local function start():
--                    ^
    if ready:
--          ^
        print("go")
    else:
--      ^
        print("wait")
    end
end
""",
            fixed="""
local function start()
    if ready then
        print("go")
    else
        print("wait")
    end
end
""",
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        return self.colon(trouble) or self.braces(trouble)

    def colon(self, trouble: Trouble) -> Mistake | None:
        for index in range(trouble.at, max(0, trouble.at - _NEAR), -1):
            if trouble.token(index).text != b":" or not trouble.ends_line(index):
                continue
            word = head(trouble, index)
            if word is not None:
                text = "" if trouble.token(index - 1).text in (b"then", b"do") else _WORDS[word]
                written = f"`{text.strip()}`" if text else "nothing"
                message = f"Luau writes {written} here, and ends the block with `end`"
                return fixed(trouble.span(index), message, "Remove the :", trouble.replaced(index, index, text))
        return None

    def braces(self, trouble: Trouble) -> Mistake | None:
        places = {trouble.statement, trouble.at - 1, trouble.opener or trouble.at} - {-1}
        for index in range(min(trouble.first_of_line(place) for place in places), trouble.at + 1):
            word = self.block_word(trouble, index)
            if word is not None:
                edits = rewritten(trouble, index, _WORDS[word])
                message = f"Luau's blocks have no braces: write `{word.decode()}{_WORDS[word] or ' ...'} ... end`"
                if edits is None:
                    return Mistake(trouble.span(index), message)
                return fixed(trouble.span(index), message, "Write it with end", *edits)
        return None

    def block_word(self, trouble: Trouble, brace: int) -> bytes | None:
        """The word that a ``{`` goes with, if it begins a block."""
        following = trouble.token(brace + 1)
        begins = trouble.ends_line(brace) or following.text == b"}" or following.text in _STATEMENTS
        if trouble.token(brace).text != b"{" or brace == 0 or not begins:
            return None
        before = trouble.token(brace - 1)
        word = head(trouble, brace - 1 if trouble.starts_line(brace) else brace)
        if word is None or (not _WORDS[word] and before.text not in (b")", word)):
            return None
        ends_value = before.kind in ("number", "string") or before.text in (b")", b"]", b"}", b"true", b"false", b"nil")
        named = before.kind == "name" and before.text not in KEYWORDS
        return word if ends_value or named or not _WORDS[word] else None


def head(trouble: Trouble, index: int) -> bytes | None:
    """The word that begins the block whose head is on this line."""
    first = trouble.first_of_line(index)
    words = [trouble.token(place).text for place in range(first, index + 1)]
    function = next((word for word in (b"function", b"def") if word in words), None)
    if function and (words[-1] == b")" or words[-2:-1] == [b")"]):
        return function
    start = next((word for word in words if word != b"}"), b"")
    return start if start in _WORDS and start != b"function" else None


def rewritten(trouble: Trouble, brace: int, word: str) -> list[Edit] | None:
    """The edits that turn a block in braces, and the branches after it, into Luau."""
    edits: list[Edit] = []
    while True:
        close = trouble.closing(brace)
        if close is None or trouble.token(brace).text != b"{":
            return None
        edits.append(opened(trouble, brace, word))
        branch = trouble.token(close + 1)
        if word != " then" or branch.text not in _BRANCHES:
            return [*edits, trouble.replaced(close, close, "end")]
        brace, word = close + 2, ""
        if trouble.token(brace).text == b"if" or branch.text != b"else":
            last = brace if branch.text == b"else" else close + 1
            edits.append(Edit(Span(trouble.token(close).start, trouble.token(last).end), "elseif"))
            while trouble.token(brace).text and not (trouble.token(brace).text == b"{" and trouble.ends_line(brace)):
                brace += 1
            word = " then"
        else:
            edits.append(Edit(Span(trouble.token(close).start, branch.end), "else"))


def opened(trouble: Trouble, brace: int, word: str) -> Edit:
    before, token = trouble.token(brace - 1), trouble.token(brace)
    blank = not trouble.source[before.end : token.start].strip()
    return Edit(Span(before.end if blank else token.start, token.end), word)
