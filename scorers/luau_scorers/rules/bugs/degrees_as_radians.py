from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix, Span
from ...nodes import arguments, text
from ...rule import Invalid, Match, Rule
from ...values import number_value

_DEGREES = (15, 30, 45, 60, 90, 120, 135, 150, 180, 225, 270, 315, 360)


class DegreesAsRadians(Rule):
    """`CFrame.Angles(0, 90, 0)`: angles are in radians, and these are degrees.

    90 radians are somewhat more than 14 turns. Write `math.rad(90)`. The fix does that; it is not safe, because the
    angle is then another, which is what was meant.
    """

    severity = "warning"
    message = "this angle is in radians: write math.rad(...) around degrees"
    query = """
      (function_call
        name: (dot_index_expression
          table: (identifier) @library (#any-of? @library "CFrame" "math")
          field: (identifier) @function (#any-of? @function "Angles" "fromOrientation" "fromEulerAngles"
            "fromEulerAnglesXYZ" "fromEulerAnglesYXZ" "fromAxisAngle" "sin" "cos" "tan"))) @here
    """
    valid = (
        "print(CFrame.Angles(0, math.rad(90), 3.14), CFrame.new(0, 90, 0), Turn.Angles(0, 90, 0))",
        "print(CFrame.fromAxisAngle(axis, 2), CFrame.new(0, 45), Turn.fromAxisAngle(axis, 90))",
        "print(math.sin(1.5), math.floor(90), fixed.sin(90))",
        "local CFrame = require(script.Frame)\nprint(CFrame.Angles(0, 90, 0))",
    )
    invalid = (
        Invalid(
            """
part.CFrame *= CFrame.Angles(0, 90, -45)
--             ^^^^^^^^^^^^^^^^^^^^^^^^^
part.CFrame *= CFrame.fromAxisAngle(axis, 180)
--             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
print(math.sin(30))
--    ^^^^^^^^^^^^
""",
            fixed="""
part.CFrame *= CFrame.Angles(0, math.rad(90), math.rad(-45))
part.CFrame *= CFrame.fromAxisAngle(axis, math.rad(180))
print(math.sin(math.rad(30)))
""",
        ),
    )

    def check(self, match: Match) -> bool:
        return bool(_degrees(match)) and match.document.scopes.builtin(match["library"])

    def fix(self, match: Match) -> Fix:
        angles = _degrees(match)
        edits = (Edit(Span(angle.start_byte, angle.end_byte), f"math.rad({text(angle)})") for angle in angles)
        return Fix("Write math.rad(...)", tuple(edits), safe=False)


def _degrees(match: Match) -> list[Node]:
    """The angles among the arguments that are degrees without a doubt."""
    given = arguments(match["here"])
    angles = given[1:] if match.text("function") == "fromAxisAngle" else given
    return [angle for angle in angles if abs(number_value(angle) or 0) in _DEGREES]
