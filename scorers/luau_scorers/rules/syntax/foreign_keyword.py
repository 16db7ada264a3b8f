from __future__ import annotations

from ...finding import Edit, Span
from ...mending import Mistake, Slip, Trouble, fixed
from ...rule import Invalid, Rule
from .missing_end import block_without_end

_LUAU = {
    b"elif": "elseif",
    b"elsif": "elseif",
    b"var": "local",
    b"let": "local",
    b"auto": "local",
    b"int": "local",
    b"float": "local",
    b"double": "local",
    b"bool": "local",
    b"string": "local",
    b"def": "function",
    b"func": "function",
    b"fn": "function",
    b"fun": "function",
}
_ENDS = frozenset(b"endif endfor endwhile endfunction fi done".split())
_ADVICE = {
    b"switch": "write `if ... then ... elseif ... end`, or look the value up in a table",
    b"match": "write `if ... then ... elseif ... end`, or look the value up in a table",
    b"case": "write `if ... then ... elseif ... end`, or look the value up in a table",
    b"try": "write `local ok, result = pcall(function() ... end)`",
    b"catch": "`pcall` returns false and the error",
    b"except": "`pcall` returns false and the error",
    b"finally": "write it after the `pcall`",
    b"throw": "write `error(...)`",
    b"raise": "write `error(...)`",
    b"class": "write a table with `__index`, and `setmetatable` in its `new`",
    b"import": "write `local module = require(path)`",
    b"from": "write `local module = require(path)`",
    b"using": "write `local module = require(path)`",
    b"unless": "write `if not ... then`",
    b"delete": "write `... = nil`, or `:Destroy()` for an Instance",
    b"del": "write `... = nil`",
    b"public": "every field of a table is public",
    b"private": "a `local` is seen in this script alone",
    b"static": "a function with `.` instead of `:` belongs to the table itself",
    b"void": "write `function name(...) ... end`",
    b"enum": "write a table",
    b"struct": "write a table, or a `type`",
    b"interface": "write `type Name = { ... }`",
    b"with": "write the steps one after the other",
    b"goto": "write a loop with `continue` or `break`",
    b"defer": "write `task.defer(...)`, or do it at the end",
    b"declare": "types of other scripts need no declaration",
    b"global": "a name without `local` is global",
    b"nonlocal": "a function sees the locals around it",
    b"yield": "write `coroutine.yield(...)`",
    b"lambda": "write `function(...) return ... end`",
    b"await": "a function that waits simply waits: call it",
}
# These are read as calls, so that the trouble comes later.
_LIKE_CALLS = frozenset(b"switch match try catch except finally class with".split())


class ForeignKeyword(Slip, Rule):
    """A keyword of another language: `elif`, `def`, `var`, `let`, `switch`, `try`, `new`, and `else if` for `elseif`.

    Luau writes `elseif`, `function` and `local`. An `else if` opens an `if` of its own, which needs an `end` of its
    own. The fix is safe: as it stands, the script does not run at all.
    """

    severity = "error"
    message = "this is no Luau"
    also_in = ("luau-lsp", "selene")
    valid = (
        "local var = 1 var += 1",
        """
if a then
	f()
else if b then
	g()
end end
""",
    )
    invalid = (
        Invalid(
            """
    if a then
        f()
    elif b then
--  ^^^^
        g()
    end
""",
            fixed="""
    if a then
        f()
    elseif b then
        g()
    end
""",
        ),
        Invalid(
            """
    if a then
        f()
    else if b then
--  ^^^^^^^
        g()
    end
""",
            fixed="""
    if a then
        f()
    elseif b then
        g()
    end
""",
        ),
        Invalid(
            """
   let part = fast(new Vehicle.Car(4))
-- ^^^
--                 ^^^
""",
            fixed="""
   local part = fast(Vehicle.Car.new(4))
""",
        ),
        Invalid(
            """
    switch (state) {
--  ^^^^^^
        case 1: start()
    }
"""
        ),
        Invalid(
            """
do
    pass
--  ^^^^
end
""",
            fixed="""
do
end
""",
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        return (
            self.else_if(trouble)
            or self.renamed(trouble)
            or self.alone(trouble)
            or self.new(trouble)
            or self.asynchronous(trouble)
            or self.advised(trouble)
        )

    def else_if(self, trouble: Trouble) -> Mistake | None:
        block = block_without_end(trouble)
        if block is None or block.else_if is None:
            return None
        word = block.else_if
        edit = trouble.replaced(word, word + 1, "elseif")
        message = "`else if` opens an `if` that needs an `end` of its own: write `elseif`"
        return fixed(trouble.span(word, word + 1), message, "Write elseif", edit)

    def renamed(self, trouble: Trouble) -> Mistake | None:
        first = trouble.opener if trouble.expected == "use" else None
        if trouble.here.text == b"then":  # `elif (a)` was read as a call
            line = range(trouble.first_of_line(trouble.at), trouble.at)
            first = next((index for index in line if _LUAU.get(trouble.token(index).text) == "elseif"), None)
        elif first != trouble.at - 1 or trouble.starts_line(trouble.at):
            return None
        if first is None or trouble.token(first).text not in _LUAU:
            return None
        word = trouble.token(first).text
        luau = _LUAU[word]
        message = f"Luau has no `{word.decode()}`: write `{luau}`"
        return fixed(trouble.span(first), message, f"Write {luau}", trouble.replaced(first, first, luau))

    def alone(self, trouble: Trouble) -> Mistake | None:
        """A word that is a statement by itself."""
        first = trouble.opener
        if first is None or trouble.expected != "use" or first != trouble.at - 1:
            return None
        word = trouble.token(first).text
        if word == b"pass":
            newline = trouble.source.rfind(b"\n", 0, trouble.token(first).start)
            whole_line = newline >= 0 and trouble.starts_line(first) and trouble.ends_line(first)
            start = newline if whole_line else trouble.token(first).start
            edit = Edit(Span(start, trouble.token(first).end), "")
            return fixed(trouble.span(first), "a block may be empty in Luau: it needs no `pass`", "Remove pass", edit)
        if word in _ENDS:
            message = f"Luau has no `{word.decode()}`: write `end`"
            return fixed(trouble.span(first), message, "Write end", trouble.replaced(first, first, "end"))
        return None

    def new(self, trouble: Trouble) -> Mistake | None:
        if trouble.before.text != b"new" or trouble.here.kind != "name" or trouble.starts_line(trouble.at):
            return None
        last = trouble.at
        while trouble.token(last + 1).text == b"." and trouble.token(last + 2).kind == "name":
            last += 2
        name = trouble.source[trouble.here.start : trouble.token(last).end].decode()
        word = Span(trouble.before.start, trouble.here.start)
        end = trouble.token(last).end
        message = f"Luau has no `new`: write `{name}.new(...)`"
        edits = (Edit(word, ""), Edit(Span(end, end), ".new"))
        return fixed(trouble.span(trouble.at - 1), message, f"Write {name}.new", *edits)

    def asynchronous(self, trouble: Trouble) -> Mistake | None:
        if trouble.before.text != b"async" or trouble.here.text != b"function":
            return None
        word = Span(trouble.before.start, trouble.here.start)
        message = "Luau has no `async`: any function may wait"
        return fixed(trouble.span(trouble.at - 1), message, "Remove async", Edit(word, ""))

    def advised(self, trouble: Trouble) -> Mistake | None:
        for first in (trouble.statement, trouble.at - 1, trouble.first_of_line(trouble.at)):
            word = trouble.token(first).text
            directly = first == trouble.at - 1 and not trouble.starts_line(trouble.at)
            like_call = word in _LIKE_CALLS and trouble.token(first + 1).text in (b"(", b"{", b":")
            named = trouble.token(first - 1).text in (b".", b":", b"local")
            if word in _ADVICE and not named and (directly or (like_call and trouble.starts_line(first))):
                return Mistake(trouble.span(first), f"Luau has no `{word.decode()}`: {_ADVICE[word]}")
        return None
