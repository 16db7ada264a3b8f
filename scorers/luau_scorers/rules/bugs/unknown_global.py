from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...finding import Edit, Finding, Fix, Span
from ...lookup import tried
from ...nodes import callee, text
from ...roblox_api import Api
from ...rule import Invalid, Rule
from ...scopes import Scopes
from ...syntax_tree import Document
from ...values import decides, is_left_of, operands, operator
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
# Who uses one of these writes for another host of Luau, which has more names of its own.
_HOSTS = words("""
    remodel rbxmk lune zune package getgenv getrawmetatable hookmetamethod firetouchinterest isfolder readfile writefile
    setclipboard rconsoleprint fireproximityprompt fireclickdetector getconnections getrenv getsenv getactors
    hookfunction run_on_actor newcclosure identifyexecutor cloneref gethui
    """)
_KINDS = ("type", "typeof")
# A call that is told to bring in names may do so, in whatever way.
_BRINGS_IN = re.compile(rb"mport\w* *\((?:\)|_G)")  # begins with a text, which is quick to find
_IMPORTER = re.compile(rb"[\w.:]*[iI]")
# Test frameworks for Roblox and other hosts of Luau set these.
_ELSEWHERE = words("""
    describe describeFOCUS describeSKIP describeFIXME it itFOCUS itSKIP itFIXME expect beforeEach afterEach beforeAll
    afterAll jest FOCUS SKIP FIXME HACK_NO_XPCALL
    """)


class UnknownGlobal(Rule):
    """A name that nothing declares: not this file, not Luau, not Roblox.

    Its value is nil. Often it is a misspelt local, a local of another block, or `null`, `None`, `True` of another
    language. For those the fix is safe: what they would be in that language is what is written then.
    A name of another kind is reported once, where it is first used, unless the file asks whether there is such a
    thing, as `typeof(name) == "function"` does, or is written for another host of Luau.
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
        "if typeof(native) == 'function' then native() end",
        "local copy = native and native('x')",
        "local debugging = DEBUG or false",
        "if native ~= nil then native('x') end",
        "pcall(function() native('x') end)",
        "local file = remodel.readPlaceFile('game.rbxl')\nprint(arguments)",
        "Support.ImportServices()\nprint(HttpService)",
        "local old = hookfunction(print, warn)\nDrawing.new('Text')",
    )
    invalid = (
        Invalid(
            """
print(coins)
--    ^^^^^
if ready or gone then print(1) end
-- ^^^^^
--          ^^^^
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
        if luau is None and (_is_for_elsewhere(document) or _is_expected_missing(reads, scopes)):
            return
        advice = f": Luau writes `{luau}`" if luau else ""
        for read in reads if luau else reads[:1]:
            span = Span(read.start_byte, read.end_byte)
            fix = Fix(f"Write {luau}", (Edit(span, luau),)) if luau else None
            yield Finding(self.code, span, f"nothing declares `{name}`{advice}", self.severity, fix)


def _is_for_elsewhere(document: Document) -> bool:
    """Whether this file may have names that nothing in it declares."""
    if any(map(document.scopes.uses_global, _HOSTS)):
        return True
    return document.fact(("brings in",), _brings_in)


def _brings_in(document: Document) -> bool:
    """Whether a line begins with a call such as ``import()`` or ``Support.Import(_G)``."""
    source = document.source
    lines = ((source.rfind(b"\n", 0, found.start()) + 1, found.start()) for found in _BRINGS_IN.finditer(source))
    return any(_IMPORTER.fullmatch(source, *line) for line in lines)


def _is_expected_missing(reads: list[Node], scopes: Scopes) -> bool:
    """Whether a use asks if the name stands for anything, with another that relies on it, or makes do without."""
    asks = [_asks(read) or tried(read, scopes) for read in reads]
    tests = [decides(read) or is_left_of(read, "and") for read in reads]
    return any(asks) or (any(tests) and not all(tests))


def _asks(read: Node) -> bool:
    """``type(name)``, ``name == nil``, ``name or default``."""
    above = read.parent
    if above is None or (above.type == "arguments" and above.parent is not None):
        return above is not None and text(callee(above.parent or above)) in _KINDS
    if operator(above) in ("==", "~="):
        return any(side.type == "nil" for side in operands(above))
    return is_left_of(read, "or") and not decides(read)
