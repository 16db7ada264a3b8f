from __future__ import annotations

from collections.abc import Iterator

from ...finding import Edit, Finding, Fix, Span
from ...roblox_api import Api
from ...rule import Invalid, Rule
from ...syntax_tree import Document
from ...words import words
from .use_before_local import early_uses

_LUAU = {
    "null": "nil",
    "None": "nil",
    "undefined": "nil",
    "True": "true",
    "False": "false",
    "Null": "nil",
    "NULL": "nil",
}
# Test frameworks for Roblox and other hosts of Luau set these.
_ELSEWHERE = words("describe it itFOCUS itSKIP itFIXME expect beforeEach afterEach beforeAll afterAll jest")


class UnknownGlobal(Rule):
    """A name that nothing declares: not this file, not Luau, not Roblox.

    Its value is nil. Often it is a misspelt local, a local of another block, or `null`, `None`, `True` of another
    language. For those the fix is safe: what they would be in that language is what is written then.
    A name of another kind is reported once, where it is first used.
    """

    severity = "warning"
    message = "nothing declares this name"
    also_in = ("luau-lsp", "selene")
    luau_lints = ("UnknownGlobal",)
    reports_globals = True
    valid = (
        "local Players = game:GetService('Players')\nprint(Players, math.pi)",
        "function start() end\nstart()",
        "setfenv(1, {})\nprint(count)",
        "return function() it('works', function() end) end",
        "start()\nlocal function start() end",
    )
    invalid = (
        Invalid(
            """
print(coins)
--    ^^^^^
"""
        ),
        Invalid(
            """
local target = None
--             ^^^^
print(target)
""",
            fixed="""
local target = nil
print(target)
""",
        ),
    )

    def check_global(self, name: str, document: Document) -> Iterator[Finding]:
        scopes = document.scopes
        if name in Api.load().globals or name in _ELSEWHERE or not name.isidentifier():
            return
        if scopes.sets_global(name) or scopes.changes_environment() or any(early_uses(name, document)):
            return
        reads = scopes.global_reads(name)
        luau = _LUAU.get(name)
        advice = f": Luau writes `{luau}`" if luau else ""
        for read in reads if luau else reads[:1]:
            span = Span(read.start_byte, read.end_byte)
            fix = Fix(f"Write {luau}", (Edit(span, luau),)) if luau else None
            yield Finding(self.code, span, f"nothing declares `{name}`{advice}", self.severity, fix)
