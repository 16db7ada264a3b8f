from __future__ import annotations

from ...finding import Edit, Fix
from ...rule import Invalid, Match, Rule


class AndOrNil(Rule):
    """`a and nil or b`: always `b`, whatever `a` is.

    What stands between `and` and `or` must be true for this to choose. Write `if a then nil else b`. The fix does
    that; it is not safe, because the result is then not always the same, which is what was meant.
    """

    severity = "warning"
    message = "this always gives what follows `or`: write `if ... then ... else ...`"
    also_in = ("luau-lsp",)
    luau_lints = ("MisleadingAndOr",)
    query = """
      (binary_expression
        left: (binary_expression left: (_) @condition "and" right: [(nil) (false)] @first)
        "or"
        right: (_) @second) @here
    """
    valid = (
        "local shown = ready and 0 or 1",
        "local shown = if ready then nil else 1",
        "local shown = (ready or nil) and 1",
    )
    invalid = (
        Invalid(
            """
local reason = ready and nil or "not yet"
--             ^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
local reason = if ready then nil else "not yet"
""",
        ),
    )

    def fix(self, match: Match) -> Fix:
        condition, first, second = (match.text(name) for name in ("condition", "first", "second"))
        edit = Edit(match.span("here"), f"if {condition} then {first} else {second}")
        return Fix("Write if ... then ... else", (edit,), safe=False)
