from __future__ import annotations

from ...nodes import string_value
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule


class DeprecatedClass(Rule):
    """`Instance.new` with a class that is kept only for old games, such as `BodyVelocity`.

    Such classes get no fixes, and some do less than they did. The classes that replaced them have other properties,
    so that there is no fix.
    """

    severity = "warning"
    message = "this class is deprecated"
    query = """
      (function_call
        name: (dot_index_expression
          table: (identifier) @instance (#eq? @instance "Instance")
          field: (identifier) @new (#eq? @new "new"))
        arguments: (arguments . (string) @here))
    """
    valid = (
        'local force = Instance.new("VectorForce")',
        'local Instance = require(script.Mock)\nInstance.new("BodyForce")',
        'Thing.new("BodyForce")',
        'Instance.fromName("BodyForce")',
    )
    invalid = (
        Invalid(
            """
local velocity = Instance.new("BodyVelocity")
--                            ^^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        cls = Api.load().cls(string_value(match["here"]) or "")
        return cls is not None and cls.deprecated and match.document.scopes.builtin(match["instance"])

    def describe(self, match: Match) -> str:
        name = string_value(match["here"]) or ""
        cls = Api.load().cls(name)
        instead = cls.replacement if cls else None
        return f"`{name}` is deprecated{f': use `{instead}`' if instead else ''} ({Api.load().stamp})"
