from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix, Span
from ...nodes import descendants
from ...rule import Invalid, Match, Rule

_PARTS = {
    "Vector3": ("X", "Y", "Z"),
    "Vector2": ("X", "Y"),
    "Color3": ("R", "G", "B"),
    "UDim": ("Scale", "Offset"),
    "UDim2": ("X", "Y"),
}
_FIXED = ("CFrame", "NumberRange", "Ray", "Rect", "BrickColor", "TweenInfo", "NumberSequence", "ColorSequence")
_PURE = ("identifier", "dot_index_expression")


class DatatypePartAssigned(Rule):
    """`part.Position.Y = 5`: one part of a value that cannot be changed in place.

    It raises an error. Make a new value and set the whole. The fix does that where the value is a plain name or
    property; it is safe, since as it stands the line can only fail.
    """

    severity = "error"
    message = "this value cannot be changed in place"
    query = """
      (_ . (variable_list . name: (dot_index_expression table: (_) @table field: (identifier) @here) .)) @statement
    """
    valid = (
        "workspace.Gravity = 5",
        "point.Y = 5",
        "local params = RaycastParams.new()\nparams.IgnoreWater = true",
    )
    invalid = (
        Invalid(
            """
local part = Instance.new("Part")
part.Position.Y = 5
--            ^
""",
            fixed="""
local part = Instance.new("Part")
part.Position = Vector3.new(part.Position.X, 5, part.Position.Z)
""",
        ),
        Invalid(
            """
local part = Instance.new("Part")
part.Position.Y += 5
--            ^
""",
            fixed="""
local part = Instance.new("Part")
part.Position = Vector3.new(part.Position.X, part.Position.Y + (5), part.Position.Z)
""",
        ),
        Invalid(
            """
local goal = CFrame.new(0, 5, 0)
goal.Position = Vector3.new(0, 6, 0)
--   ^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        cls = match.document.inference.class_of(match["table"])
        return cls in _PARTS or cls in _FIXED

    def describe(self, match: Match) -> str:
        cls = match.document.inference.class_of(match["table"])
        return f"a `{cls}` cannot be changed in place: make a new one and set the whole"

    def fix(self, match: Match) -> Fix | None:
        cls, table, statement = match.document.inference.class_of(match["table"]), match["table"], match["statement"]
        parts = _PARTS.get(cls or "", ())
        values = statement.named_children[1].named_children if len(statement.named_children) == 2 else []
        if match.text("here") not in parts or len(values) != 1 or not _pure(table):
            return None
        whole, new = match.text("table"), match.document.text(values[0])
        if statement.type == "update_statement":
            operator = match.document.text(statement.children[1]).removesuffix("=")
            new = f"{whole}.{match.text('here')} {operator} ({new})"
        given = ", ".join(new if part == match.text("here") else f"{whole}.{part}" for part in parts)
        edit = Edit(Span(statement.start_byte, statement.end_byte), f"{whole} = {cls}.new({given})")
        return Fix("Set the whole", (edit,))


def _pure(node: Node) -> bool:
    """Whether this is a path of names, which gives the same each time that it is written."""
    return node.type in _PURE and all(each.type in _PURE for each in descendants(node))
