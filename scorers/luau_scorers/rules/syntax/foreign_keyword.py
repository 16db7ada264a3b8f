from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ...blocks import balance
from ...finding import Edit, Finding, Fix, Span
from ...rule import Invalid, Rule
from ...syntax_tree import Document
from ...tokens import KEYWORDS, Token

_LUAU = {
    b"elif": "elseif",
    b"elsif": "elseif",
    b"var": "local",
    b"let": "local",
    b"def": "function",
    b"func": "function",
    b"fn": "function",
}


class ForeignKeyword(Rule):
    """A keyword or comment of another language in a script that does not parse.

    `elif`, `else if` that opens an `if` of its own without an `end`, `def`, `var`, `let`, and comments that start
    with `//`. Luau writes `elseif`, `function`, `local` and `--`. The fix is safe: as it stands, the script does not
    run at all.
    """

    severity = "error"
    message = "this is no Luau"
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
local a = 1
   // the first
-- ^^
local b = 2
""",
            fixed="""
local a = 1
   -- the first
local b = 2
""",
        ),
    )

    def scan(self, document: Document) -> Iterator[Finding]:
        if document.errors:
            for span, text in found(document):
                shown = document.source[span.start : span.end].decode()
                fix = Fix(f"Write {text}", (Edit(span, text),))
                yield Finding(self.code, span, f"Luau has no `{shown}`: write `{text}`", self.severity, fix)


def found(document: Document) -> Iterator[tuple[Span, str]]:
    """Each slip in a document that does not parse, and what to write in its place."""
    tokens = document.tokens
    paired = balance(document.source, tokens)
    for opener, inner in paired.else_ifs:
        if len(paired.else_ifs) <= len(paired.unclosed):
            yield Span(opener.start, inner.end), "elseif"
    for token, following in pairwise(tokens):
        luau = _LUAU.get(token.text)
        if luau and (luau == "elseif" or (following.kind == "name" and following.text not in KEYWORDS)):
            yield Span(token.start, token.end), luau
        elif token.text == b"//" and _first_on_line(document.source, token):
            yield Span(token.start, token.end), "--"


def _first_on_line(source: bytes, token: Token) -> bool:
    return not source[source.rfind(b"\n", 0, token.start) + 1 : token.start].strip()
