from __future__ import annotations

import re

from ...rule import Invalid, Match, Rule

_LEFT_OUT = re.compile(
    r"""--+(\[=*\[)?[\s.]*(
      (add|put|insert|write|place)\ (your|any|custom|additional)\ (\w+\ ){0,3}(code|logic)\b.*\bhere\b
    | your\ .*\b(code|logic)\b.*\ here
    | (the\ )?rest\ of\ (the|your)\ (code|script)
    | (existing|previous)\ code\b
    | implement\ (this|me|here)\b
    | placeholder\ (implementation|function|logic)\b)""",
    re.IGNORECASE | re.VERBOSE,
)


class Placeholder(Rule):
    """A comment that stands where code should be: "your code here", "add logic here", "rest of the code".

    The script is not finished.
    """

    severity = "info"
    message = "something is left out here"
    query = """
      (comment) @here
    """
    valid = (
        "-- the rest of the players wait here\nlocal x = 1",
        "local portals = {\n\tCave = 1,\n\t-- Add more portals here\n}",
        "sound.SoundId = 'rbxassetid://1' -- Placeholder cough",
    )
    invalid = (
        Invalid(
            """
local function onTouched()
    -- Add your code here
--  ^^^^^^^^^^^^^^^^^^^^^
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        return _LEFT_OUT.match(match.text("here")) is not None
