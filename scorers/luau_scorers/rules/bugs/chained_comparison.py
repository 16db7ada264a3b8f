from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...rule import Invalid, Match, Rule
from ...values import is_steady, operator


class ChainedComparison(Rule):
    """`0 < x < 10`, as in mathematics.

    Luau compares `0 < x` first, and then true or false with 10, which raises an error. Write `0 < x and x < 10`. The
    fix does that; it is safe, because as it stands the line cannot work.
    """

    severity = "error"
    message = "this compares true or false with a number: write `a < b and b < c`"
    also_in = ("luau-lsp",)
    luau_lints = ("ComparisonPrecedence",)
    query = """
      (binary_expression
        left: (binary_expression ["<" "<=" ">" ">="] right: (_) @middle) @first
        ["<" "<=" ">" ">="]) @here
    """
    valid = (
        "if 0 < x and x < 10 then print(x) end",
        "print((a < b) == (c < d))",
    )
    invalid = (
        Invalid(
            """
if 0 < count <= 10 then print(count) end
-- ^^^^^^^^^^^^^^^
""",
            fixed="""
if 0 < count and count <= 10 then print(count) end
""",
        ),
        Invalid(
            """
if 0 < read() < 10 then print("few") end
-- ^^^^^^^^^^^^^^^
"""
        ),
    )

    def fix(self, match: Match) -> Fix | None:
        parent = match["here"].parent
        bound = parent is not None and parent.type == "binary_expression" and operator(parent) not in ("and", "or")
        if bound or not is_steady(match["middle"]):
            return None
        end = match.span("first").end
        return Fix("Compare twice", (Edit(Span(end, end), f" and {match.text('middle')}"),))
