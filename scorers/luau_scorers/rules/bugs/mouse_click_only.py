from __future__ import annotations

from ...finding import Edit, Fix
from ...rule import Invalid, Match, Rule


class MouseClickOnly(Rule):
    """A button that listens to `MouseButton1Click` and to nothing else.

    `Activated` answers mouse, touch and gamepad alike. A file that uses `Activated` anywhere is left alone. The fix
    writes it; it is not safe, since the handler then gets parameters.
    """

    severity = "hint"
    message = "Activated answers mouse, touch and gamepad alike"
    query = """
      (function_call name: (method_index_expression
        table: (dot_index_expression field: (identifier) @here (#eq? @here "MouseButton1Click"))
        method: (identifier) @method (#any-of? @method "Connect" "Once")))
    """
    valid = (
        "button.Activated:Connect(open)",
        "button.MouseButton2Click:Connect(open)",
        "button.MouseButton1Click:Wait()",
        "button.MouseButton1Click:Connect(open)\nbutton.Activated:Connect(close)",
    )
    invalid = (
        Invalid(
            """
button.MouseButton1Click:Connect(open)
--     ^^^^^^^^^^^^^^^^^
""",
            fixed="""
button.Activated:Connect(open)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        return not match.document.mentions(b".Activated")

    def fix(self, match: Match) -> Fix:
        return Fix("Write Activated", (Edit(match.span("here"), "Activated"),), safe=False)
