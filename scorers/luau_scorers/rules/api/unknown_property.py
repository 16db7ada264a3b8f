from __future__ import annotations

from ...finding import Fix
from ...lookup import may_have, nearest_member, tried
from ...nodes import text
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule
from ...spelling import advice, correction
from ...words import words

# Objects that nobody puts children into: what is read of them is a member.
_CHILDLESS = words("""
    RunService UserInputService TweenService HttpService DataStoreService MarketplaceService TeleportService Debris
    ContextActionService Players Humanoid Sound Camera Tween AnimationTrack
    """)
_EVENTS = ("Connect", "Once", "ConnectParallel", "Wait")


class UnknownProperty(Rule):
    """A property that is read, and that the value does not have: `part.Position.Magnitue`.

    It raises an error. Looked at for datatypes such as Vector3, and for slips of one or two letters on objects that
    nobody puts children into, such as a Humanoid; on others the name may be that of a child. Only where the class is
    known. Where one property was meant the fix writes it; it is safe, since as it stands the line can only fail.
    """

    severity = "error"
    message = "there is no such property"
    query = """
      (dot_index_expression table: (_) @table field: (identifier) @here) @index
    """
    valid = (
        'local part = Instance.new("Part")\nprint(part.Position.Magnitude, part.Coin)',
        "print(humanoid.WalkSped)",
        'local humanoid = character:FindFirstChildOfClass("Humanoid")\nprint(humanoid.Status)',
        'game:GetService("RunService").HeartBeat:Connect(print)',
        "local params = RaycastParams.new()\nparams.IgnoreWatr = true",
    )
    invalid = (
        Invalid(
            """
local part = Instance.new("Part")
print(part.Position.Magnitue)
--                  ^^^^^^^^
""",
            fixed="""
local part = Instance.new("Part")
print(part.Position.Magnitude)
""",
        ),
        Invalid(
            """
local offset = Vector3.new(1, 2, 3)
print(offset.Length)
--           ^^^^^^
"""
        ),
        Invalid(
            """
local humanoid = character:FindFirstChildOfClass("Humanoid")
print(humanoid.WalkSped)
--             ^^^^^^^^
""",
            fixed="""
local humanoid = character:FindFirstChildOfClass("Humanoid")
print(humanoid.WalkSpeed)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        cls = match.document.inference.class_of(match["table"])
        if cls is None or cls.startswith("Enum") or may_have(Api.load(), cls, match.text("here")):
            return False
        above = match["index"].parent
        field = above.child_by_field_name("method") if above is not None else None
        if above is None or above.type == "variable_list" or text(field) in _EVENTS:
            return False  # other rules look at what is set and at events
        if Api.load().cls(cls) is not None and (cls not in _CHILDLESS or _meant(match) is None):
            return False
        return not tried(match["here"], match.document.scopes)

    def describe(self, match: Match) -> str:
        cls, meant = match.document.inference.class_of(match["table"]), _meant(match)
        return f"`{cls}` has no property `{match.text('here')}`{advice(meant)} ({Api.load().stamp})"

    def fix(self, match: Match) -> Fix | None:
        meant = _meant(match)
        return correction(match.span("here"), meant)


def _meant(match: Match) -> str | None:
    cls = match.document.inference.class_of(match["table"]) or ""
    return nearest_member(Api.load(), cls, match.text("here"), "property")
