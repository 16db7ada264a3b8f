from __future__ import annotations

from ...finding import Edit, Fix
from ...rule import Invalid, Match, Rule
from ...values import operator


class TypeOfComparison(Rule):
    """`type(x == "string")`: a bracket in the wrong place.

    The comparison is true or false, and the type of either is "boolean", which is always true as a condition. The fix
    moves the bracket; it is not safe, because the condition can then come out differently, which is what was meant.
    """

    severity = "warning"
    message = "the bracket closes too late: this is the type of true or false"
    also_in = ("selene",)
    query = """
      (function_call
        name: (identifier) @function (#any-of? @function "type" "typeof")
        arguments: (arguments . (binary_expression left: (_) @value right: (string) @type) @comparison .)) @here
    """
    valid = ('print(type(x) == "string", kind(x == "string"), type(x .. "s"))',)
    invalid = (
        Invalid(
            """
if type(name == "string") then print(name) end
-- ^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
if type(name) == "string" then print(name) end
""",
        ),
    )

    def check(self, match: Match) -> bool:
        return operator(match["comparison"]) in ("==", "~=") and match.document.scopes.builtin(match["function"])

    def fix(self, match: Match) -> Fix:
        sign = operator(match["comparison"])
        new = f"{match.text('function')}({match.text('value')}) {sign} {match.text('type')}"
        return Fix("Move the bracket", (Edit(match.span("here"), new),), safe=False)
