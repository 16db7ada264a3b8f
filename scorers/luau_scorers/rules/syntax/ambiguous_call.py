from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...rule import Invalid, Match, Rule


class AmbiguousCall(Rule):
    """A line that begins with `(` right after a line that could be called.

    Luau refuses to guess whether the bracket is a call of the value above or a new statement. A `;` ends the
    statement above.
    """

    severity = "error"
    message = "Luau cannot tell this from a call of what is on the line above: end that with `;`"
    query = """
      (function_call arguments: (arguments . "(" @here))
    """
    valid = ("f(1)", "local a = f\n;(b :: any).c = 1", "f {\n\t1,\n}")
    invalid = (
        Invalid(
            """
local a = f
   (b :: any).c = 1
-- ^
""",
            fixed="""
local a = f;
   (b :: any).c = 1
""",
        ),
    )

    def check(self, match: Match) -> bool:
        bracket = match["here"]
        callee = bracket.parent.prev_sibling if bracket.parent else None
        between = match.document.source[callee.end_byte : bracket.start_byte] if callee else b""
        # More than blanks is a comment, or a type that was blanked out: then nothing is sure.
        return b"\n" in between and not between.strip()

    def fix(self, match: Match) -> Fix | None:
        bracket = match["here"]
        callee = bracket.parent.prev_sibling if bracket.parent else None
        if callee is None:
            return None
        return Fix("End the statement above", (Edit(Span(callee.end_byte, callee.end_byte), ";"),))
