from __future__ import annotations

from ...lookup import tried
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule


class ReadOnlyProperty(Rule):
    """A property that is set, though Roblox lets scripts only read it, such as `humanoid.MoveDirection`.

    Setting it raises an error. Only where the object's class is known.
    """

    severity = "error"
    message = "scripts can only read this property"
    query = """
      (variable_list name: (dot_index_expression table: (_) @table field: (identifier) @here))
    """
    valid = (
        'local part = Instance.new("Part")\npart.Name = "Coin"',
        "state.MoveDirection = 1",
        "local params = RaycastParams.new()\nparams.MaxParts = 1",
    )
    invalid = (
        Invalid(
            """
local humanoid = character:FindFirstChildOfClass("Humanoid")
humanoid.MoveDirection = Vector3.zero
--       ^^^^^^^^^^^^^
"""
        ),
        Invalid(
            """
local part = Instance.new("Part")
part.AssemblyMass += 1
--   ^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        cls = match.document.inference.class_of(match["table"])
        if cls is None or Api.load().cls(cls) is None:
            return False
        member = Api.load().member(cls, match.text("here"))
        if member is None or member.kind != "property" or not member.read_only:
            return False
        return not tried(match["here"], match.document.scopes)

    def describe(self, match: Match) -> str:
        cls = match.document.inference.class_of(match["table"])
        return f"`{cls}.{match.text('here')}` can only be read ({Api.load().stamp})"
