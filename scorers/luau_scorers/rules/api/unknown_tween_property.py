from __future__ import annotations

from ...finding import Fix
from ...lookup import may_have, nearest_member
from ...nodes import arguments
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule
from ...spelling import advice, correction


class UnknownTweenProperty(Rule):
    """`TweenService:Create` with a goal that is no property of the object.

    The call raises an error. Only where the object's class is known, and no class that it may be more precisely has
    the property. Where the name is a slip of one property the fix writes that one; it is safe, since as it stands the
    line can only fail.
    """

    severity = "error"
    message = "there is no such property to tween"
    query = """
      (function_call
        name: (method_index_expression
          table: (_) @service
          method: (identifier) @method (#eq? @method "Create"))
        arguments: (arguments (table_constructor (field name: (identifier) @here)))) @call
    """
    valid = (
        """
local TweenService = game:GetService("TweenService")
local part = Instance.new("Part")
TweenService:Create(part, TweenInfo.new(1), { Transparency = 1 }):Play()
""",
        """
local part = Instance.new("Part")
Factory:Create(part, TweenInfo.new(1), { Opacity = 1 })
""",
        """
local TweenService = game:GetService("TweenService")
TweenService:Create(frame, TweenInfo.new(1), { Opacity = 1 }):Play()
""",
        """
local TweenService = game:GetService("TweenService")
local part = Instance.new("Part")
TweenService:Make(part, TweenInfo.new(1), { Opacity = 1 })
""",
    )
    invalid = (
        Invalid(
            """
local TweenService = game:GetService("TweenService")
local part = Instance.new("Part")
TweenService:Create(part, TweenInfo.new(1), { Transparancy = 1 }):Play()
--                                            ^^^^^^^^^^^^
""",
            fixed="""
local TweenService = game:GetService("TweenService")
local part = Instance.new("Part")
TweenService:Create(part, TweenInfo.new(1), { Transparency = 1 }):Play()
""",
        ),
        Invalid(
            """
local TweenService = game:GetService("TweenService")
local part = Instance.new("Part")
TweenService:Create(part, TweenInfo.new(1), { Opacity = 1 }):Play()
--                                            ^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        cls = _class(match)
        if cls is None or Api.load().cls(cls) is None or may_have(Api.load(), cls, match.text("here")):
            return False
        named = match["here"].prev_sibling is None  # not ``[name] = value``
        return named and match.document.inference.class_of(match["service"]) == "TweenService"

    def describe(self, match: Match) -> str:
        meant = _meant(match)
        return f"`{_class(match)}` has no property `{match.text('here')}`{advice(meant)} ({Api.load().stamp})"

    def fix(self, match: Match) -> Fix | None:
        meant = _meant(match)
        return correction(match.span("here"), meant)


def _class(match: Match) -> str | None:
    return match.document.inference.class_of(arguments(match["call"])[0])


def _meant(match: Match) -> str | None:
    return nearest_member(Api.load(), _class(match) or "", match.text("here"), "property")
