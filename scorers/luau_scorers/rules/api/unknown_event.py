from __future__ import annotations

from ...finding import Fix
from ...lookup import has_unlisted, may_have, nearest_member, tried
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule
from ...spelling import advice, correction


class UnknownEvent(Rule):
    """`part.Touchd:Connect(...)`: an event that the object does not have.

    Reading it raises an error. Even where the object has a child of that name, a child has no `Connect`. Only where
    the object's class is known, and no class that it may be more precisely has the event. Where the name is a slip of
    one event the fix writes that one; it is safe, since as it stands the line can only fail.
    """

    severity = "error"
    message = "there is no such event"
    query = """
      (function_call name: (method_index_expression
        table: (dot_index_expression table: (_) @table field: (identifier) @here)
        method: (identifier) @method (#any-of? @method "Connect" "Once" "ConnectParallel" "Wait")))
    """
    valid = (
        "workspace.ChildAdded:Connect(print)",
        "enemy.Hit:Connect(print)",
        "local Signals = {}\nSignals.Hit:Connect(print)",
        "workspace.Gate:Destroy()",
    )
    invalid = (
        Invalid(
            """
game:GetService("Players").PlayerJoined:Connect(print)
--                         ^^^^^^^^^^^^
"""
        ),
        Invalid(
            """
local part = Instance.new("Part")
part.Touchd:Connect(print)
--   ^^^^^^
""",
            fixed="""
local part = Instance.new("Part")
part.Touched:Connect(print)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        cls = match.document.inference.class_of(match["table"])
        if cls is None or Api.load().cls(cls) is None:
            return False
        if may_have(Api.load(), cls, match.text("here")) or (not _meant(match) and has_unlisted(cls, match.document)):
            return False
        return not tried(match["here"], match.document.scopes)

    def describe(self, match: Match) -> str:
        meant, cls = _meant(match), match.document.inference.class_of(match["table"])
        return f"`{cls}` has no event `{match.text('here')}`{advice(meant)} ({Api.load().stamp})"

    def fix(self, match: Match) -> Fix | None:
        meant = _meant(match)
        return correction(match.span("here"), meant)


def _meant(match: Match) -> str | None:
    cls = match.document.inference.class_of(match["table"]) or ""
    return nearest_member(Api.load(), cls, match.text("here"), "event")
