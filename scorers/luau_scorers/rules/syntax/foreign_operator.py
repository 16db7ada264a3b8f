from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...mending import Mistake, Slip, Trouble, fixed
from ...rule import Invalid, Rule

_SIGNS = {b"!=": "~=", b"!==": "~=", b"===": "==", b"&&": "and", b"||": "or"}
# Two signs that touch, and what they are in Luau.
_PAIRS = {
    (b"<", b">"): "~=",
    (b"not", b"="): "~=",
    (b"=", b"<"): "<=",
    (b"*", b"*"): "^",
    (b":", b"="): "=",
    (b"?", b"?"): "or",
}
_ADVICE = {
    b"?": "write `if a then b else c`",
    b"=>": "write `function(...) ... end`",
    b"++": "write `+= 1`",
    b"->": "write `.` or `:`",
    b"|": "write `bit32.bor(a, b)`",
    b"&": "write `bit32.band(a, b)`",
    b"~": "write `bit32.bxor(a, b)`, or `bit32.bnot(a)`",
    b"in": "write `table.find(list, value)`, or `list[value]`",
    b"instanceof": 'write `:IsA("...")`',
}
_WORDS = {b"is": "==", b"isnot": "~=", b"eq": "==", b"mod": "%", b"div": "//"}


class ForeignOperator(Slip, Rule):
    """An operator of another language: `!=`, `&&`, `||`, `!`, `===`, `++`, `? :`, `=>`, `is`, `**`, `<>`.

    Luau writes `~=`, `and`, `or`, `not`, `==`, `+= 1` and `if a then b else c`. Where one operator does what the other
    does, there is a fix. It is safe: as it stands, the script does not run at all.
    """

    severity = "error"
    message = "this is no Luau operator"
    also_in = ("luau-lsp", "selene")
    valid = ('local same = a ~= b and not c or "a != b && c" -- !=',)
    invalid = (
        Invalid(
            """
if a != b && !c then
--   ^^
--        ^^
--           ^
	f()
end
""",
            fixed="""
if a ~= b and not c then
	f()
end
""",
        ),
        Invalid(
            """
    count++
--       ^^
    count--
--       ^^
""",
            fixed="""
    count += 1
    count -= 1
""",
        ),
        Invalid(
            """
local size = big ? 2 : 1
--               ^
"""
        ),
        Invalid(
            """
if target is not None and a <> b and c not= d then
--        ^^^^^^
--                          ^^
--                                     ^^^^
	f()
end
""",
            fixed="""
if target ~= None and a ~= b and c ~= d then
	f()
end
""",
        ),
        Invalid(
            """
local mask = flags << 2
--                 ^^
"""
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        return (
            self.sign(trouble) or self.step(trouble) or self.pair(trouble) or self.word(trouble) or self.other(trouble)
        )

    def sign(self, trouble: Trouble) -> Mistake | None:
        """One token that has a counterpart."""
        text = trouble.here.text
        luau = _SIGNS.get(text)
        if text == b"=>" and trouble.expected in ("then", "do"):
            luau = ">="
        if text == b"!" and trouble.expected == "value":
            luau = "not"
        return written(trouble, trouble.at, trouble.at, luau) if luau else None

    def step(self, trouble: Trouble) -> Mistake | None:
        """``x++``, and ``x--``, which is a comment after a value that nothing is done with."""
        if trouble.expected != "use":
            return None
        after = trouble.previous_end
        end = trouble.source.find(b"\n", after)
        rest = trouble.source[after : end if end >= 0 else len(trouble.source)].rstrip(b" \t\r;")
        if rest.strip() not in (b"++", b"--"):
            return None
        start = after + len(rest) - 2
        sign = rest[-2:].decode()
        edit = Edit(Span(after, start + 2), f" {sign[0]}= 1")
        return fixed(Span(start, start + 2), f"Luau has no `{sign}`: write `{sign[0]}= 1`", f"Write {sign[0]}= 1", edit)

    def pair(self, trouble: Trouble) -> Mistake | None:
        for first in (trouble.at - 1, trouble.at):
            luau = _PAIRS.get((trouble.token(first).text, trouble.token(first + 1).text))
            if first >= 0 and luau and trouble.touching(first):
                return written(trouble, first, first + 1, luau)
        return None

    def word(self, trouble: Trouble) -> Mistake | None:
        """Python's ``is`` and the like, between two values."""
        luau = _WORDS.get(trouble.here.text)
        if not luau or trouble.expected == "value" or trouble.starts_line(trouble.at):
            return None
        if trouble.here.text == b"is" and trouble.after.text == b"not":
            return written(trouble, trouble.at, trouble.at + 1, "~=")
        return written(trouble, trouble.at, trouble.at, luau)

    def other(self, trouble: Trouble) -> Mistake | None:
        """What takes more than another word to say it in Luau."""
        here = trouble.here.text
        shift = trouble.opener if trouble.expected == ">" and trouble.opener else trouble.at - 1
        if trouble.token(shift).text == b"<" and trouble.token(shift - 1).text == b"<":
            return Mistake(trouble.span(shift - 1, shift), "Luau has no `<<`: write `bit32.lshift(a, b)`")
        if here == b">" and trouble.before.text == b">" and trouble.touching(trouble.at - 1):
            return Mistake(trouble.span(trouble.at - 1, trouble.at), "Luau has no `>>`: write `bit32.rshift(a, b)`")
        if here == b"?" and trouble.after.text == b"." and trouble.touching(trouble.at):
            message = "Luau has no `?.`: write `a and a.b`"
            return Mistake(trouble.span(trouble.at, trouble.at + 1), message)
        inside = trouble.opener is not None and not trouble.starts_line(trouble.opener)
        if here == b"else" and trouble.expected == "then" and inside:
            return Mistake(trouble.span(trouble.at), "a value with a condition is written `if a then b else c`")
        if here == b"not" and trouble.after.text == b"in" and trouble.expected != "value":
            message = "Luau has no `not in`: write `not table.find(list, value)`, or `not list[value]`"
            return Mistake(trouble.span(trouble.at, trouble.at + 1), message)
        if here not in _ADVICE or trouble.starts_line(trouble.at) or trouble.before.text == b"for":
            return None
        shown = here.decode()
        return Mistake(trouble.span(trouble.at), f"Luau has no `{shown}` here: {_ADVICE[here]}")


def written(trouble: Trouble, first: int, last: int, luau: str) -> Mistake:
    """The mistake of writing some tokens for an operator of Luau."""
    span = trouble.span(first, last)
    source = trouble.source
    shown = source[span.start : span.end].decode("utf-8", "replace")
    before, after = source[: span.start][-1:], source[span.end :][:1]
    left = " " if luau.isalpha() and before and not before.isspace() and before not in b"([{" else ""
    right = " " if luau.isalpha() and not after.isspace() else ""
    edit = Edit(span, left + luau + right)
    return Mistake(span, f"Luau has no `{shown}`: write `{luau}`", (edit,), Fix(f"Write {luau}", (edit,)))
