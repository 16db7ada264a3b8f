from __future__ import annotations

from collections.abc import Iterator

from ...finding import Edit, Finding, Fix, Span
from ...rule import Invalid, Rule
from ...syntax_tree import Document
from ...tokens import Token

_LUAU = {b"!=": "~=", b"!==": "~=", b"===": "==", b"&&": "and", b"||": "or", b"!": "not"}
_SIGNS = (b"!", b"&&", b"||", b"++", b"===", b"=>", b"$", b"\\")
_ADVICE = {b"++": "write `+= 1`", b"=>": "write `function(...) ... end`", b"$": "a string with values is `...{x}...`"}


class ForeignOperator(Rule):
    """An operator of another language: `!=`, `&&`, `||`, `!`, `===`, `++`, `=>`.

    Luau writes `~=`, `and`, `or`, `not` and `==`. The fix is safe: as it stands, the script does not run at all.
    """

    severity = "error"
    message = "this is no Luau operator"
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
"""
        ),
    )

    def scan(self, document: Document) -> Iterator[Finding]:
        for token in document.tokens if _suspicious(document.source) else ():
            if token.kind == "other":
                yield self._report(document.source, token)

    def _report(self, source: bytes, token: Token) -> Finding:
        shown = token.text.decode("utf-8", "replace")
        span = Span(token.start, token.end)
        luau = _LUAU.get(token.text)
        if luau is None:
            advice = _ADVICE.get(token.text)
            message = f"Luau has no `{shown}`" + (f": {advice}" if advice else "")
            return Finding(self.code, span, message, self.severity)
        text = _spaced(source, token, luau) if luau.isalpha() else luau
        fix = Fix(f"Write {luau}", (Edit(span, text),))
        return Finding(self.code, span, f"Luau has no `{shown}`: write `{luau}`", self.severity, fix)


def _suspicious(source: bytes) -> bool:
    return not source.isascii() or any(sign in source for sign in _SIGNS)


def _spaced(source: bytes, token: Token, word: str) -> str:
    before, after = source[: token.start][-1:], source[token.end :][:1]
    left = "" if not before or before.isspace() or before in b"([{" else " "
    return left + word + ("" if after.isspace() else " ")
