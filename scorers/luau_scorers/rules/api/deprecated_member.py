from __future__ import annotations

from dataclasses import replace

from ...finding import Edit, Finding, Fix
from ...lookup import deprecated_member
from ...roblox_api import Api, Member
from ...rule import Invalid, Match, Rule

# These have rules of their own.
_ELSEWHERE = ("LoadAnimation", "loadAnimation", "connect", "wait")
# Only type definitions call these deprecated: neither Roblox nor its documentation does.
_DISPUTED = ("TweenPosition", "TweenSize", "TweenSizeAndPosition", "Transparency")
# What to do instead, where the API names another way than a member that takes the same.
_ADVICE = {
    "FindPartOnRay": "use `Raycast`",
    "FindPartOnRayWithIgnoreList": "use `Raycast` with RaycastParams",
    "FindPartOnRayWithWhitelist": "use `Raycast` with RaycastParams",
    "FindPartsInRegion3": "use `GetPartBoundsInBox`",
    "FindPartsInRegion3WithIgnoreList": "use `GetPartBoundsInBox` with OverlapParams",
    "FindPartsInRegion3WithWhiteList": "use `GetPartBoundsInBox` with OverlapParams",
    "SetPrimaryPartCFrame": "use `PivotTo`",
    "GetPrimaryPartCFrame": "use `GetPivot`",
}


class DeprecatedMember(Rule):
    """A member that is kept only for old games, such as `part.Velocity` or `:Remove()`.

    Only where the object's class is known: on other classes the same name is often fine. Where the same object has a
    member that takes and gives back the same the fix writes that one. It is safe where the member has merely been
    renamed, as from `children` to `GetChildren`; elsewhere look whether the new one does the same here. What has merely
    been renamed goes on working, and is reported as info only.
    """

    severity = "warning"
    message = "deprecated"
    also_in = ("luau-lsp",)
    luau_lints = ("DeprecatedApi",)
    query = """
      (dot_index_expression table: (_) @table field: (identifier) @here)
      (method_index_expression table: (_) @table method: (identifier) @here)
    """
    valid = (
        "workspace:GetChildren()",
        "print(velocity.magnitude, page.p)",
        "workspace.Changed:connect(print)",
        "local list = {}\nlist:Remove()",
        'local humanoid = character:FindFirstChildOfClass("Humanoid")\nhumanoid:LoadAnimation(animation)',
    )
    invalid = (
        Invalid(
            """
local part = Instance.new("Part")
part:Remove()
--   ^^^^^^
""",
            fixed="""
local part = Instance.new("Part")
part:Destroy()
""",
        ),
        Invalid(
            """
local part = Instance.new("Part")
print(part.Position.magnitude, part:children())
--                  ^^^^^^^^^
--                                  ^^^^^^^^
""",
            fixed="""
local part = Instance.new("Part")
print(part.Position.Magnitude, part:GetChildren())
""",
        ),
        Invalid(
            """
local hit = workspace:FindPartOnRay(ray)
--                    ^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        found = _found(match)
        return found is not None and found[0].name not in (*_ELSEWHERE, *_DISPUTED)

    def finding(self, match: Match) -> Finding:
        found = _found(match)
        renamed = found is not None and _is_other_name(found[0].replacement, found[0])
        return replace(super().finding(match), severity="info" if renamed else self.severity)

    def describe(self, match: Match) -> str:
        found, name = _found(match), match.text("here")
        instead = found[0].replacement if found else None
        advice = _ADVICE.get(name) or (f"use `{instead}`" if instead else "")
        return f"`{name}` is deprecated{f': {advice}' if advice else ''} ({Api.load().stamp})"

    def fix(self, match: Match) -> Fix | None:
        found = _found(match)
        new = found[1] if found else None
        return Fix(f"Write {new.name}", (Edit(match.span("here"), new.name),), safe=_renamed(match)) if new else None


def _found(match: Match) -> tuple[Member, Member | None] | None:
    return deprecated_member(match.document.inference, match["table"], match.text("here"))


def _renamed(match: Match) -> bool:
    """Whether the fix writes another name for the very same."""
    found = _found(match)
    return found is not None and found[1] is not None and _is_other_name(found[1].name, found[0])


def _is_other_name(new: str | None, old: Member) -> bool:
    """Whether the names differ in capitals, a ``Get`` before or an ``Async`` behind alone.

    What is deprecated of datatypes is old names alone.
    """
    name = old.name.lower()
    return (new or "").lower() in (name, f"get{name}", f"{name}async") or Api.load().cls(old.owner) is None
