from __future__ import annotations

from ...finding import Edit, Fix
from ...rule import Invalid, Match, Rule


class DoubleNegation(Rule):
    """`if not not x then`: a condition needs no true or false, anything but nil and false will do.

    `not not x` is right where a value must be true or false. The fix leaves `x`; it is safe.
    """

    severity = "hint"
    message = "a condition needs no `not not`"
    query = """
      (_ condition: (unary_expression "not" operand: (unary_expression "not" operand: (_) @inside)) @here)
    """
    valid = ("local ready = not not found\nif not ready then print(1) end",)
    invalid = (
        Invalid(
            """
if not not found then print(found) end
-- ^^^^^^^^^^^^^
""",
            fixed="""
if found then print(found) end
""",
        ),
    )

    def fix(self, match: Match) -> Fix:
        return Fix("Leave it out", (Edit(match.span("here"), match.text("inside")),))
