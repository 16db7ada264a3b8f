from __future__ import annotations

import re

from ...finding import Edit, Span
from ...mending import Mistake, Slip, Trouble, fixed
from ...rule import Invalid, Rule

_COUNTING = re.compile(
    rb"for\s*\(\s*(?:(?:let|var|int|local)\s+)?(\w+)\s*=\s*(\w+)\s*;\s*\1\s*(<=?)\s*([\w.#]+)\s*;\s*"
    rb"(?:\1\s*\+\+|\+\+\s*\1|\1\s*\+=\s*1)\s*\)\s*(?:\{|do\b)?"
)
_EACH = re.compile(
    rb"for(?:each)?\s*\(?\s*(?:(?:let|var|const|local|auto|final)\s+)?(\w+)\s+(of|in)\s+([\w.:]+(?:\(\))?)\s*\)?\s*(?:\{|do\b)?"
)


class ForeignLoop(Slip, Rule):
    """A loop of another language: `for (i = 0; i < n; i++)`, `for (x of list)`, `foreach`.

    Luau counts with `for i = 1, n do` and goes over a table with `for key, value in list do`. The fix for a counting
    loop is not safe: Luau's lists begin at 1, so the bounds may have to move as well.
    """

    severity = "error"
    message = "this is no loop of Luau"
    also_in = ("luau-lsp", "selene")
    valid = ("for i = 1, 3 do\n\tprint(i)\nend", "for _, item in items do\n\tprint(item)\nend")
    invalid = (
        Invalid(
            """
    for (let i = 0; i < count; i++) {
--  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        print(i)
    }
""",
            fixed="""
    for i = 0, count - 1 do
        print(i)
    end
""",
        ),
        Invalid(
            """
    foreach (part in parts) {
--  ^^^^^^^^^^^^^^^^^^^^^^^^^
        part:Destroy()
    }
""",
            fixed="""
    for _, part in parts do
        part:Destroy()
    end
""",
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        first = trouble.first_of_line(trouble.at)
        start = trouble.token(first).start
        if trouble.token(first).text not in (b"for", b"foreach"):
            return None
        counting = _COUNTING.match(trouble.source, start)
        each = _EACH.match(trouble.source, start)
        if counting:
            name, low, sign, high = (part.decode() for part in counting.groups())
            head = f"for {name} = {low}, {high}{' - 1' if sign == '<' else ''} do"
            return self.mistake(trouble, first, counting.end(), head)
        if each and (trouble.source[start : start + 4] != b"for " or each[2] == b"of" or b"(" in each[0]):
            return self.mistake(trouble, first, each.end(), f"for _, {each[1].decode()} in {each[3].decode()} do")
        return None

    def mistake(self, trouble: Trouble, first: int, end: int, head: str) -> Mistake:
        token = trouble.token(first)
        edits = [Edit(Span(token.start, end), head)]
        braced = trouble.source[end - 1 : end] == b"{"
        if braced:
            brace = next(
                (index for index in range(first, len(trouble.tokens)) if trouble.token(index).end == end), None
            )
            close = trouble.closing(brace) if brace is not None else None
            if close is None:
                return Mistake(Span(token.start, end), f"write `{head}`")
            edits.append(trouble.replaced(close, close, "end"))
        return fixed(Span(token.start, end), f"write `{head}`", f"Write {head}", *edits, safe=False)
