from __future__ import annotations

from tree_sitter import Node

from ...finding import Finding, Span
from ...nodes import calls_builtin, is_statement, text
from ...rule import Invalid, Match, Rule
from ...statements import breaks, following, leaves

_LOOPS = ("while_statement", "repeat_statement")


class UnreachableCode(Rule):
    """Code after a loop that never ends, after `error(...)`, or after an `if` whose branches all leave.

    It never runs. A loop that shall go on beside the rest of the script belongs into `task.spawn`. `while task.wait()
    do` is such a loop too: `task.wait` returns a number, and every number is true. A `return` or `error(...)` that is
    all that follows is left alone: it is there for readers, type checkers or in case.
    """

    severity = "warning"
    message = "this never runs"
    also_in = ("luau-lsp",)
    luau_lints = ("UnreachableCode",)
    query = """
      (while_statement condition: [(true) (number) (function_call)]) @here
      (repeat_statement condition: [(false) (nil)]) @here
      (if_statement alternative: (else_statement)) @here
      (function_call name: (identifier) @error (#eq? @error "error")) @here
    """
    valid = (
        "while true do\n\tif task.wait() > 1 then break end\nend\nprint(1)",
        "while alive() do task.wait() end\nprint(1)",
        "local function f(x)\n\tif x then return 1 else print(2) end\n\treturn 3\nend\nf()",
        "local function f(x)\n\twarn('bad')\n\terror('bad')\n\treturn nil\nend\nf()",
        "repeat task.wait() until false\n-- the end",
        "while true do task.wait() end;",
        "local function run()\n\twhile true do task.wait() end\n\terror('the loop ended')\nend\nrun()",
        "print(1)\nprint(2)",
    )
    invalid = (
        Invalid(
            """
while true do
    for _, coin in coins do
        if coin then break end
    end
    task.wait(1)
end
-- when all is done
   print("done")
-- ^^^^^^^^^^^^^
print("this too")
"""
        ),
        Invalid(
            """
while task.wait(1) do print(1) end; local x = 1
--                                  ^^^^^^^^^^^
"""
        ),
        Invalid(
            """
local function sign(x)
    if x == 0 then error("zero") elseif x > 0 then return 1 else return -1 end
    print(x)
--  ^^^^^^^^
end
sign(1)
"""
        ),
    )

    def check(self, match: Match) -> bool:
        here = match["here"]
        if not is_statement(here) or not _never_goes_on(match):
            return False
        after = following(here, match.document)
        return len(after) > 1 or (len(after) == 1 and not _only_in_case(after[0]))

    def finding(self, match: Match) -> Finding:
        never_run = following(match["here"], match.document)[0]
        return Finding(self.code, Span(never_run.start_byte, never_run.end_byte), self.message, self.severity)


def _only_in_case(statement: Node) -> bool:
    return statement.type == "return_statement" or text(statement).startswith("error(")


def _never_goes_on(match: Match) -> bool:
    left = match["here"]
    if left.type == "function_call":
        return match.document.scopes.builtin(match["error"])
    if left.type == "if_statement":
        return leaves(left)
    return not breaks(left) and _always_true(left, match)


def _always_true(loop: Node, match: Match) -> bool:
    condition = loop.child_by_field_name("condition")
    if loop.type == "repeat_statement" or condition is None or condition.type != "function_call":
        return True
    return any(calls_builtin(condition, name, match.document.scopes) for name in ("wait", "task.wait"))
