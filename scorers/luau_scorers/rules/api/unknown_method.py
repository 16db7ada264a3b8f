from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...lookup import has_unlisted, may_have, nearest_member, tried
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule
from ...spelling import advice, correction


class UnknownMethod(Rule):
    """A method that the object does not have.

    The call raises an error: nothing can add methods to Roblox's objects. Only where the object's class is known,
    and no class that it may be more precisely has the method. Where the name is a slip of one method the fix writes
    that one; it is safe, since as it stands the line can only fail. `part:Touched(f)`, an event that is called, is
    reported as well.
    """

    severity = "error"
    message = "there is no such method"
    query = """
      (function_call name: (method_index_expression table: (_) @table method: (identifier) @here))
    """
    valid = (
        "workspace:Raycast(origin, direction)",
        "enemy:Atack()",
        "game:GetService('VirtualUser'):CaptureController()",
        "game:GetService('DebuggerManager'):GetDebuggers()",
        "print(script.Parent:GetPlayers())",
        "local camera: Camera = require(script.Mock)\ncamera:GetPivot()",
    )
    invalid = (
        Invalid(
            """
for _, child in workspace:GetChildrn() do
--                        ^^^^^^^^^^
    print(child)
end
""",
            fixed="""
for _, child in workspace:GetChildren() do
    print(child)
end
""",
        ),
        Invalid(
            """
local part = Instance.new("Part")
part:Explode()
--   ^^^^^^^
"""
        ),
        Invalid(
            """
local part = Instance.new("Part")
part:Touched(print)
--   ^^^^^^^
""",
            fixed="""
local part = Instance.new("Part")
part.Touched:Connect(print)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        cls = match.document.inference.class_of(match["table"])
        if cls is None:
            return False
        member = match.document.inference.member(cls, match.text("here"))
        if member.kind != "event" if member else may_have(Api.load(), cls, match.text("here")):
            return False
        meant = member or nearest_member(Api.load(), cls, match.text("here"), "method")
        if meant is None and has_unlisted(cls, match.document):
            return False
        return not tried(match["here"], match.document.scopes)

    def describe(self, match: Match) -> str:
        name, cls = match.text("here"), _class(match)
        if match.document.inference.member(cls, name):
            return f"`{name}` is an event: connect to it with `.{name}:Connect(...)`"
        meant = nearest_member(Api.load(), cls, name, "method")
        return f"`{cls}` has no method `{name}`{advice(meant)} ({Api.load().stamp})"

    def fix(self, match: Match) -> Fix | None:
        name, cls, span = match.text("here"), _class(match), match.span("here")
        if match.document.inference.member(cls, name):
            colon = match["here"].prev_sibling
            edits = (Edit(Span(colon.start_byte, colon.end_byte), "."),) if colon else ()
            return Fix("Connect to the event", (*edits, Edit(span, f"{name}:Connect")))
        meant = nearest_member(Api.load(), cls, name, "method")
        return correction(span, meant)


def _class(match: Match) -> str:
    return match.document.inference.class_of(match["table"]) or ""
