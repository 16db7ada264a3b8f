from __future__ import annotations

from ...finding import Edit, Fix
from ...lookup import may_have, nearest_member, tried
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule


class MisspeltProperty(Rule):
    """A property that is set under a name that the object does not have, one or two letters beside one that it has.

    Setting it raises an error, since a child cannot be set this way either. Only where the object's class is known,
    and no class that it may be more precisely has the property. The fix is safe, since as it stands the line can only
    fail.
    """

    severity = "error"
    message = "there is no such property"
    query = """
      (variable_list name: (dot_index_expression table: (_) @table field: (identifier) @here))
    """
    valid = (
        'local part = Instance.new("Part")\npart.Transparency = 1',
        "state.Transparancy = 1",
        "for _, child in workspace:GetChildren() do child.Transparency = 1 end",
        "local params = RaycastParams.new()\nparams.FilterDescendantsInstances = {}",
    )
    invalid = (
        Invalid(
            """
local part = Instance.new("Part")
part.Transparancy = 1
--   ^^^^^^^^^^^^
""",
            fixed="""
local part = Instance.new("Part")
part.Transparency = 1
""",
        ),
        Invalid(
            """
local params = RaycastParams.new()
params.FilterDescendantInstances = {}
--     ^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
local params = RaycastParams.new()
params.FilterDescendantsInstances = {}
""",
        ),
    )

    def check(self, match: Match) -> bool:
        cls = match.document.inference.class_of(match["table"])
        if cls is None or may_have(Api.load(), cls, match.text("here")) or not _meant(match):
            return False
        return not tried(match["here"], match.document.scopes)

    def describe(self, match: Match) -> str:
        cls = match.document.inference.class_of(match["table"])
        stamp = Api.load().stamp
        return f"`{cls}` has no property `{match.text('here')}`: did you mean `{_meant(match)}`? ({stamp})"

    def fix(self, match: Match) -> Fix:
        return Fix(f"Write {_meant(match)}", (Edit(match.span("here"), _meant(match)),))


def _meant(match: Match) -> str:
    cls = match.document.inference.class_of(match["table"]) or ""
    return nearest_member(Api.load(), cls, match.text("here"), "property", "callback") or ""
