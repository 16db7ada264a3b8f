from __future__ import annotations

from ...calls import never_yields
from ...finding import Edit, Fix, Span
from ...nodes import FUNCTIONS, callee, descendants, text
from ...rule import Invalid, Match, Rule

_LEAVES = ("break_statement", "return_statement")


class LoopWithoutYield(Rule):
    """A `while true do` that nothing leaves and nothing in it waits.

    The game freezes until Roblox stops the script. Reported only where everything that the loop calls is known to
    return at once. The fix waits one frame at the end of each turn; look whether a longer wait is meant.
    """

    severity = "error"
    message = "this loop never waits and never ends: it freezes the game; call task.wait() in it"
    query = """
      (while_statement "while" @here condition: (true) body: (block) @body) @loop
      (repeat_statement "repeat" @here body: (block) @body condition: (false)) @loop
    """
    valid = (
        "while true do\n\ttask.wait()\nend",
        "while true do\n\tif math.random() > 0.9 then break end\nend",
        "while true do\n\tstep()\nend",
        "local function step() task.wait(1) end\nwhile true do\n\tstep()\nend",
    )
    invalid = (
        Invalid(
            """
local spins = 0
do
   while true do
-- ^^^^^
      spins += 1
      print(math.floor(spins))
   end
end
""",
            fixed="""
local spins = 0
do
   while true do
      spins += 1
      print(math.floor(spins))
      task.wait()
   end
end
""",
        ),
        Invalid(
            """
local function turn(part)
    part.CFrame *= CFrame.Angles(0, 0.1, 0)
end
do
    repeat
--  ^^^^^^
        turn(script.Parent)
    until false
end
""",
            fixed="""
local function turn(part)
    part.CFrame *= CFrame.Angles(0, 0.1, 0)
end
do
    repeat
        turn(script.Parent)
        task.wait()
    until false
end
""",
        ),
    )

    def check(self, match: Match) -> bool:
        body = match["body"]
        inside = list(descendants(body, skip=FUNCTIONS))
        leaves = any(node.type in _LEAVES or _raises(text(callee(node))) for node in inside)
        return not leaves and never_yields(body, match.document.scopes)

    def fix(self, match: Match) -> Fix | None:
        statements = match["body"].named_children
        if not statements:
            return None
        last = statements[-1]
        column = match.document.source[: last.start_byte].rpartition(b"\n")[2]
        separator = " " if column.strip() else "\n" + column.decode()
        return Fix("Wait one frame", (Edit(Span(last.end_byte, last.end_byte), separator + "task.wait()"),), safe=False)


def _raises(called: str) -> bool:
    return called in ("error", "assert")
