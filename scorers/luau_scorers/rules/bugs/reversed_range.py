from __future__ import annotations

from ...finding import Edit, Fix
from ...nodes import text
from ...rule import Invalid, Match, Rule
from ...values import number_value


class ReversedRange(Rule):
    """`math.random(10, 1)`, `math.clamp(x, 100, 0)`: the greater bound comes first.

    It raises an error when it runs. The smaller bound comes first. The fix swaps the two; it is safe, because as it
    stands the call cannot work.
    """

    severity = "error"
    message = "the smaller bound comes first: this raises an error"
    query = """
      (function_call
        name: (_) @function (#any-of? @function "math.random" "NumberRange.new")
        arguments: (arguments . (_) @low . (_) @high .)) @here
      (function_call
        name: (_) @function (#eq? @function "math.clamp")
        arguments: (arguments . (_) . (_) @low . (_) @high .)) @here
    """
    valid = (
        "print(math.random(1, 10), NumberRange.new(0, 1), math.clamp(x, 0, 1), math.random(limit, 1), math.max(2, 1))",
        "print(math.lerp(2, 1, 0))",
        "local math = require(script.math)\nprint(math.random(10, 1))",
    )
    invalid = (
        Invalid(
            """
print(math.random(10, 1), math.clamp(speed, 16, -1))
--    ^^^^^^^^^^^^^^^^^^
--                        ^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
print(math.random(1, 10), math.clamp(speed, -1, 16))
""",
        ),
    )

    def check(self, match: Match) -> bool:
        low, high = number_value(match["low"]), number_value(match["high"])
        library = match["function"].child_by_field_name("table")
        builtin = library is not None and match.document.scopes.builtin(library)
        return low is not None and high is not None and low > high and builtin

    def fix(self, match: Match) -> Fix:
        edits = (Edit(match.span("low"), text(match["high"])), Edit(match.span("high"), text(match["low"])))
        return Fix("Swap the bounds", edits)
