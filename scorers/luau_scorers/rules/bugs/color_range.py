from __future__ import annotations

from ...finding import Edit, Fix
from ...nodes import arguments
from ...rule import Invalid, Match, Rule
from ...values import number_value


class ColorRange(Rule):
    """`Color3.new(255, 0, 0)`, or `Color3.fromRGB(1, 0.5, 0)`.

    `Color3.new` takes numbers from 0 to 1, `Color3.fromRGB` from 0 to 255. The fix calls the other one; it is not safe,
    because the colour is then another, which is what was meant.
    """

    severity = "warning"
    message = "these numbers are for the other one of Color3.new and Color3.fromRGB"
    also_in = ("selene",)
    query = """
      (function_call
        name: (dot_index_expression
          table: (identifier) @library (#eq? @library "Color3")
          field: (identifier) @function (#any-of? @function "new" "fromRGB")) @here) @call
    """
    valid = (
        "print(Color3.new(1, 0.5, 0), Color3.fromRGB(255, 128, 0), Color3.fromRGB(0, 0, 1), Color3.new(2, 2, 2))",
        "print(Color3.new(r, g, b), Color3.fromHSV(0.5, 1, 1), Vector3.new(255, 0, 0))",
        "local Color3 = require(script.Color)\nprint(Color3.new(255, 0, 0))",
    )
    invalid = (
        Invalid(
            """
part.Color = Color3.new(255, 128, 0)
--           ^^^^^^^^^^
lamp.Color = Color3.fromRGB(1, 0.5, 0)
--           ^^^^^^^^^^^^^^
""",
            fixed="""
part.Color = Color3.fromRGB(255, 128, 0)
lamp.Color = Color3.new(1, 0.5, 0)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        values = [number_value(each) for each in arguments(match["call"])]
        known = [value for value in values if value is not None]
        if len(known) != 3 or len(values) != 3 or not match.document.scopes.builtin(match["library"]):
            return False
        if match.text("function") == "new":
            return 10 < max(known) <= 255
        return max(known) <= 1 and any(value % 1 for value in known)

    def fix(self, match: Match) -> Fix:
        other = "fromRGB" if match.text("function") == "new" else "new"
        return Fix(f"Write Color3.{other}", (Edit(match.span("function"), other),), safe=False)
