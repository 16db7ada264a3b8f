from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...mending import Mistake, Slip, Trouble, fixed
from ...rule import Invalid, Rule

_CURLY = {"“": '"', "”": '"', "‘": "'", "’": "'", "„": '"', "«": '"', "»": '"'}
_LONG = (b'"""', b"'''")


class ForeignString(Slip, Rule):
    """A string of another language: `$"{x}"`, three quotes, or curly quotes as word processors make them.

    Luau writes a string with values in it in backticks, `` `{x}` ``, and a string of several lines in `[[ ]]`.
    """

    severity = "error"
    message = "this is no Luau string"
    also_in = ("luau-lsp", "selene")
    valid = ("print(`{coins} coins`)", "print('“quoted”')", "print([[two\nlines]])")
    invalid = (
        Invalid(
            """
print($"{coins} coins")
--    ^
""",
            fixed="""
print(`{coins} coins`)
""",
        ),
        Invalid(
            '''
local text = """two
--           ^^^
lines"""
''',
            fixed="""
local text = [[two
lines]]
""",
        ),
        Invalid(
            """
print(“hello”)
--    ^^^^^^^^^^^
""",
            fixed="""
print("hello")
""",
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        return self.dollar(trouble) or self.three_quotes(trouble) or self.curly(trouble)

    def dollar(self, trouble: Trouble) -> Mistake | None:
        after = trouble.after
        if trouble.here.text != b"$" or after.kind != "string" or not trouble.touching(trouble.at):
            return None
        message = "a string with values in it is written in backticks: `...{x}...`"
        edit = Edit(Span(trouble.here.start, after.end), f"`{after.text[1:-1].decode('utf-8', 'replace')}`")
        if b"`" in after.text or b"\\" in after.text:
            return Mistake(trouble.span(trouble.at), message, (trouble.replaced(trouble.at, trouble.at, ""),))
        return fixed(trouble.span(trouble.at), message, "Write backticks", edit)

    def three_quotes(self, trouble: Trouble) -> Mistake | None:
        """Read as an empty string with another behind it, or a call with it."""
        source = trouble.source
        for index in (trouble.at, trouble.at - 1, trouble.at - 2):
            start = trouble.token(index).start
            quotes = source[start : start + 3]
            close = source.find(quotes, start + 3) if quotes in _LONG and index >= 0 else -1
            if close >= 0 and b"]]" not in source[start:close]:
                message = "a string over several lines is written `[[ ... ]]`"
                edits = (Edit(Span(start, start + 3), "[["), Edit(Span(close, close + 3), "]]"))
                reads = (Edit(Span(start, close + 3), '""'),)
                return Mistake(Span(start, start + 3), message, reads, Fix("Write [[ ]]", edits, safe=False))
        return None

    def curly(self, trouble: Trouble) -> Mistake | None:
        start = trouble.here.start
        plain = _CURLY.get(trouble.text(trouble.at))
        line = trouble.source[start : trouble.line_end(trouble.at)].decode("utf-8", "replace")
        close = next((place for place, sign in enumerate(line[1:], 1) if _CURLY.get(sign) == plain), None)
        if plain is None or close is None or plain in line[1:close]:
            return None
        end = start + len(line[: close + 1].encode())
        edit = Edit(Span(start, end), plain + line[1:close] + plain)
        return fixed(Span(start, end), f"a string is written in plain quotes: `{plain}`", "Write plain quotes", edit)
