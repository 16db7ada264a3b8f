from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...nodes import text
from ...rule import Invalid, Match, Rule
from ...values import decides


class ConstantCondition(Rule):
    """A condition that always comes out the same: a number, a string, a length, a table, nil.

    In Luau only `false` and `nil` are false. `0` and `""` are true, and so is `#list` of an empty list: compare with
    `> 0` instead. The fix does that for a length; it is not safe, because the branch is then not always taken.
    """

    severity = "warning"
    message = "this condition always comes out the same"
    query = """
      (if_statement condition: [(number) (string) (nil) (table_constructor)] @here)
      (elseif_statement condition: [(number) (string) (nil) (table_constructor)] @here)
      (while_statement condition: [(string) (nil) (false)] @here)
      (unary_expression "#" operand: (_) @list) @here
      (binary_expression left: [(string) (number)] @here ["and" "or"])
    """
    valid = (
        "while true do task.wait() end",
        "while 1 do task.wait() end",
        "if #list > 0 and count ~= 0 then print(count) end",
        "print(#list)\nlocal last = #list or 1\nfor i = 1, #list do print(i) end",
    )
    invalid = (
        Invalid(
            """
if ready then
    print(list[1])
elseif 0 then
--     ^
    print("none")
end
"""
        ),
        Invalid(
            """
if #list then print(0) end
-- ^^^^^
if ready and #list then print(1) end
--           ^^^^^
if not #list then print(2) end
--     ^^^^^
""",
            fixed="""
if #list > 0 then print(0) end
if ready and #list > 0 then print(1) end
if not (#list > 0) then print(2) end
""",
        ),
        Invalid(
            """
print(team == ("red" or "blue"))
--             ^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        return "list" not in match.nodes or decides(match["here"])

    def describe(self, match: Match) -> str:
        here = match["here"]
        if here.type == "nil" or here.type == "false":
            return f"`{here.type}` is never true: this never runs"
        shown = match.text("here")
        advice = f": write `{shown} > 0`" if "list" in match.nodes else ": only false and nil are not"
        return f"`{shown}` is always true{advice}"

    def fix(self, match: Match) -> Fix | None:
        if "list" not in match.nodes:
            return None
        here, parent = match.span("here"), match["here"].parent
        if parent is None or parent.type != "unary_expression":
            return Fix("Compare it with 0", (Edit(Span(here.end, here.end), " > 0"),), safe=False)
        return Fix("Compare it with 0", (Edit(here, f"({text(match['here'])} > 0)"),), safe=False)
