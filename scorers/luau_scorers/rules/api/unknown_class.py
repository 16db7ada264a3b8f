from __future__ import annotations

from ...finding import Fix, Span
from ...lookup import tried
from ...nodes import string_value
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule
from ...spelling import advice, correction, nearest


class UnknownClass(Rule):
    """`Instance.new` with a name that is no class.

    The call raises an error. Where the name is a slip of one class that can be made, the fix writes that one; it is
    safe, since as it stands the line can only fail.
    """

    severity = "error"
    message = "there is no such class"
    also_in = ("luau-lsp", "selene")
    query = """
      (function_call
        name: (dot_index_expression
          table: (identifier) @instance (#eq? @instance "Instance")
          field: (identifier) @new (#eq? @new "new"))
        arguments: (arguments . (string) @here))
    """
    valid = (
        'local part = Instance.new("Part")',
        'local Instance = require(script.Mock)\nInstance.new("Prat")',
        'Thing.new("Prat")',
        'local ok = pcall(function() return Instance.new("Prat") end)',
        'Instance.fromName("Prat")',
    )
    invalid = (
        Invalid(
            """
local part = Instance.new("Prat")
--                        ^^^^^^
""",
            fixed="""
local part = Instance.new("Part")
""",
        ),
        Invalid(
            """
local coin = Instance.new("GoldCoin", workspace)
--                        ^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        name, scopes = string_value(match["here"]), match.document.scopes
        if name is None or Api.load().cls(name) is not None or not scopes.builtin(match["instance"]):
            return False
        return not tried(match["here"], scopes)

    def describe(self, match: Match) -> str:
        meant = _meant(match)
        return f"there is no class `{string_value(match['here'])}`{advice(meant)} ({Api.load().stamp})"

    def fix(self, match: Match) -> Fix | None:
        meant, span = _meant(match), match.span("here")
        return correction(Span(span.start + 1, span.end - 1), meant)


def _meant(match: Match) -> str | None:
    api = Api.load()
    creatable = (name for name in api.classes() if (found := api.cls(name)) and found.creatable)
    return nearest(string_value(match["here"]) or "", creatable)
