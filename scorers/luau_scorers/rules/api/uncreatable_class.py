from __future__ import annotations

from ...finding import Edit, Fix
from ...lookup import tried
from ...nodes import arguments, string_value
from ...roblox_api import Api, RobloxClass
from ...rule import Invalid, Match, Rule

# Nobody needs to, so type definitions leave it out; but scripts can.
_POSSIBLE = ("Player", "Tween")


class UncreatableClass(Rule):
    """`Instance.new` with a class that scripts cannot make: a service, or a class that is only a base.

    The call raises an error. A service is taken with `game:GetService`; for those the fix is safe, since as it
    stands the line can only fail.
    """

    severity = "error"
    message = "scripts cannot make this class"
    also_in = ("luau-lsp", "selene")
    query = """
      (function_call
        name: (dot_index_expression
          table: (identifier) @instance (#eq? @instance "Instance")
          field: (identifier) @new (#eq? @new "new"))
        arguments: (arguments . (string) @class)) @here
    """
    valid = (
        'local part = Instance.new("Part")',
        'local Instance = require(script.Mock)\nInstance.new("Lighting")',
        'Thing.new("Lighting")',
        'Instance.fromName("Lighting")',
    )
    invalid = (
        Invalid(
            """
local light = Instance.new("Lighting")
--            ^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
local light = game:GetService("Lighting")
""",
        ),
        Invalid(
            """
local part = Instance.new("BasePart")
--           ^^^^^^^^^^^^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        cls, scopes = _class(match), match.document.scopes
        if cls is None or cls.creatable or cls.name in _POSSIBLE or not scopes.builtin(match["instance"]):
            return False
        return not tried(match["here"], scopes)

    def describe(self, match: Match) -> str:
        cls = _class(match)
        reason = "is a service: take it with game:GetService" if cls and cls.service else "cannot be made by a script"
        return f"`{string_value(match['class'])}` {reason} ({Api.load().stamp})"

    def fix(self, match: Match) -> Fix | None:
        cls = _class(match)
        if cls is None or not cls.service or len(arguments(match["here"])) != 1:
            return None
        return Fix("Take the service", (Edit(match.span("here"), f"game:GetService({match.text('class')})"),))


def _class(match: Match) -> RobloxClass | None:
    return Api.load().cls(string_value(match["class"]) or "")
