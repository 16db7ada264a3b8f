from __future__ import annotations

from ...finding import Fix, Span
from ...lookup import has_unlisted, may_have, nearest_member, tried
from ...nodes import string_value
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule
from ...spelling import advice, correction


class UnknownPropertySignal(Rule):
    """`GetPropertyChangedSignal` with a name that is no property of the object.

    The call raises an error. Only where the object's class is known, and no class that it may be more precisely has
    the property. Where the name is a slip of one property the fix writes that one; it is safe, since as it stands the
    line can only fail.
    """

    severity = "error"
    message = "there is no such property"
    query = """
      (function_call
        name: (method_index_expression
          table: (_) @table
          method: (identifier) @method (#eq? @method "GetPropertyChangedSignal"))
        arguments: (arguments . (string) @here .))
    """
    valid = (
        'workspace:GetPropertyChangedSignal("Gravity"):Connect(print)',
        'state:GetPropertyChangedSignal("Coins"):Connect(print)',
        'workspace:GetAttributeChangedSignal("Coins"):Connect(print)',
    )
    invalid = (
        Invalid(
            """
workspace:GetPropertyChangedSignal("Gravitty"):Connect(print)
--                                 ^^^^^^^^^^
""",
            fixed="""
workspace:GetPropertyChangedSignal("Gravity"):Connect(print)
""",
        ),
        Invalid(
            """
game:GetService("Players").LocalPlayer:GetPropertyChangedSignal("Coins"):Connect(print)
--                                                              ^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        name, cls = string_value(match["here"]), match.document.inference.class_of(match["table"])
        if name is None or cls is None or may_have(Api.load(), cls, name):
            return False
        if _meant(match) is None and has_unlisted(cls, match.document):
            return False
        return not tried(match["here"], match.document.scopes)

    def describe(self, match: Match) -> str:
        name, meant = string_value(match["here"]), _meant(match)
        cls = match.document.inference.class_of(match["table"])
        return f"`{cls}` has no property `{name}`{advice(meant)} ({Api.load().stamp})"

    def fix(self, match: Match) -> Fix | None:
        meant, span = _meant(match), match.span("here")
        return correction(Span(span.start + 1, span.end - 1), meant)


def _meant(match: Match) -> str | None:
    cls = match.document.inference.class_of(match["table"]) or ""
    return nearest_member(Api.load(), cls, string_value(match["here"]) or "", "property")
