from __future__ import annotations

from tree_sitter import Node

from ...nodes import calls_builtin, descendants, method, text
from ...rule import Invalid, Match, Rule
from ...scopes import Scopes


class DuplicateCondition(Rule):
    """The same condition twice in one chain of `if` and `elseif`.

    The second branch never runs. Conditions that call something are left out: the second call may give another answer.
    """

    severity = "warning"
    message = "an earlier branch has this condition already: this one never runs"
    also_in = ("luau-lsp", "selene")
    luau_lints = ("DuplicateCondition",)
    query = """
      (elseif_statement condition: (_) @here)
    """
    valid = (
        "if x == 1 then print(1) elseif x == 2 then print(2) end",
        "if math.random() > 0.5 then print(1) elseif math.random() > 0.5 then print(2) end",
    )
    invalid = (
        Invalid(
            """
if team == "red" then
    print(1)
elseif team == "blue" then
    print(2)
elseif team == "red" then
--     ^^^^^^^^^^^^^
    print(3)
end
"""
        ),
        Invalid(
            """
if type(x) == "table" then print(1)
elseif type(x) == "table" then print(2) end
--     ^^^^^^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        here = match["here"]
        statement = here.parent.parent if here.parent is not None else None
        if statement is None:
            return False
        branches = [statement, *statement.children_by_field_name("alternative")]
        conditions = [branch.child_by_field_name("condition") for branch in branches]
        same = text(here)
        came_before = any(
            each is not None and each.end_byte < here.start_byte and text(each) == same for each in conditions
        )
        return came_before and _always_answers_the_same(here, match.document.scopes)


def _always_answers_the_same(condition: Node, scopes: Scopes) -> bool:
    calls = [node for node in (condition, *descendants(condition)) if node.type == "function_call"]
    return all(
        method(call) == "IsA" or calls_builtin(call, "type", scopes) or calls_builtin(call, "typeof", scopes)
        for call in calls
    )
