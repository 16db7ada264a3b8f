from __future__ import annotations

import re

from ...nodes import is_statement, string_value
from ...rule import Invalid, Match, Rule

_SUCCESS = re.compile(
    r"""
      \b(successfully|initiali[sz]ed|loaded|created|set\ up|is\ (now\ )?(ready|running|active)|started)[\s!.)\]✅]*$
    | ^\W*(script|system|module)\b.*\b(loaded|ready|started|running|initiali[sz]ed)\b
    | \bsuccessfully\b
    | ✅
    """,
    re.IGNORECASE | re.VERBOSE,
)


class SuccessPrint(Rule):
    """`print("Coin system loaded successfully!")`: output that only says that the script ran.

    Nobody reads it, and in a game with fifty scripts it hides what matters. Print when something is wrong, with
    `warn`.
    """

    severity = "hint"
    message = "this only says that all went well"
    query = """
      (function_call
        name: (identifier) @print (#eq? @print "print")
        arguments: (arguments . (string) @text .)) @here
    """
    valid = (
        'print("Coins: 5")\nwarn("Save not loaded successfully")',
        'print("could not be loaded")\nshow("Coins loaded")',
    )
    invalid = (
        Invalid(
            """
do
   print("Coin system loaded successfully!")
-- ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        shown = string_value(match["text"])
        if shown is None or not is_statement(match["here"]):
            return False
        return _SUCCESS.search(shown) is not None and not re.search(r"\b(not|n't|no|fail\w*)\b", shown, re.IGNORECASE)
