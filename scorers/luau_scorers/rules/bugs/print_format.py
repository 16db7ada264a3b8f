from __future__ import annotations

import re

from ...finding import Edit, Fix, Span
from ...nodes import arguments
from ...rule import Invalid, Match, Rule

_DIRECTIVE = re.compile(r"%(?:[-+ 0]*\d*(?:\.\d+)?[dfsiuxX])")


class PrintFormat(Rule):
    """`print("%d coins", count)`: print does not fill in values, and neither do warn, error and assert.

    It shows the percent sign as it stands. Use `string.format`, or `` `{count} coins` ``. The fix does the first; it is
    not safe, because something else is then shown, which is what was meant.
    """

    severity = "warning"
    message = "this does not fill in values: use string.format"
    query = """
      (function_call
        name: (identifier) @here (#any-of? @here "print" "warn" "error")
        arguments: (arguments . (string) @text . (_) @value)) @call
      (function_call
        name: (identifier) @here (#eq? @here "assert")
        arguments: (arguments . (_) . (string) @text . (_) @value)) @call
    """
    valid = (
        'print("coins:", count)\nprint(string.format("%d", count))\nshow("%d", count)',
        'assert(count, "none")\nerror("100%d", 2)\ncheck(count, "%d", 1)',
        'local function print(text, ...) warn(text:format(...)) end\nprint("%d", 1)',
    )
    invalid = (
        Invalid(
            """
do
   print("%d coins", count)
-- ^^^^^
   assert(count, "%s of %s", name, place)
-- ^^^^^^
end
""",
            fixed="""
do
   print(string.format("%d coins", count))
   assert(count, string.format("%s of %s", name, place))
end
""",
        ),
    )

    def check(self, match: Match) -> bool:
        values = [each for each in arguments(match["call"]) if each.start_byte >= match["value"].start_byte]
        if match.text("here") == "error" and values[0].type == "number":
            return False
        fits = len(_DIRECTIVE.findall(match.text("text").replace("%%", ""))) == len(values)
        return fits and match.document.scopes.builtin(match["here"])

    def fix(self, match: Match) -> Fix:
        start, end = match.span("text").start, arguments(match["call"])[-1].end_byte
        edits = (Edit(Span(start, start), "string.format("), Edit(Span(end, end), ")"))
        return Fix("Use string.format", edits, safe=False)
