from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix, Span
from ...nodes import BODIES, ancestors, arguments, enclosing_function, text
from ...rule import Invalid, Match, Rule
from ...statements import enclosing_statement, following, leaves
from ...syntax_tree import Document
from ...values import number_value, operands, operator


class TableRemoveInLoop(Rule):
    """`table.remove(t, i)` inside a loop that goes forward over the same `t`.

    What comes after the removed item moves down by one, so that the loop jumps over the next item. Go backwards, from
    `#t` to 1. The fix turns a numeric loop round; it is not safe, because the items are then visited in another order.
    """

    severity = "warning"
    message = "after this the loop jumps over the next item: go from #t down to 1"
    query = """
      (function_call
        name: (dot_index_expression
          table: (identifier) @library (#eq? @library "table")
          field: (identifier) @function (#eq? @function "remove"))
        arguments: (arguments . (_) . (identifier) .)) @here
    """
    valid = (
        "for i = #coins, 1, -1 do\n\ttable.remove(coins, i)\nend",
        "for i, coin in coins do\n\tif coin == found then\n\t\ttable.remove(coins, i)\n\t\tbreak\n\tend\nend",
        "for i in coins do\n\ttable.remove(others, i)\nend",
        "for i in coins do\n\tbutton.Activated:Connect(function()\n\t\ttable.remove(coins, i)\n\tend)\nend",
        "for i in coins do\n\ttable.insert(coins, i)\n\tlist.remove(coins, i)\nend",
        "for i = 1, #coins do\n\tif coins[i] == lost then\n\t\ttable.remove(coins, i)\n\tend\nend",
        "for i = 1, #coins do\n\tlocal last = #coins\n\ttable.remove(coins, last)\nend",
    )
    invalid = (
        Invalid(
            """
for i = 1, #coins do
    if coins[i].Parent == nil then
        table.remove(coins, i)
--      ^^^^^^^^^^^^^^^^^^^^^^
    end
end
""",
            fixed="""
for i = #coins, 1, -1 do
    if coins[i].Parent == nil then
        table.remove(coins, i)
    end
end
""",
        ),
        Invalid(
            """
for index, coin in ipairs(coins) do
    table.remove(coins, index)
--  ^^^^^^^^^^^^^^^^^^^^^^^^^^
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        clause = _clause(match)
        if clause is None or clause.parent is None:
            return False
        if enclosing_function(match["here"]) != enclosing_function(clause):
            return False  # it runs when the loop is long over, or once
        if not _goes_over(clause, text(_table(match))) or _left_after(match["here"], clause.parent, match.document):
            return False
        return not _looks_for_one(match)

    def fix(self, match: Match) -> Fix | None:
        clause = _clause(match)
        if clause is None or clause.type != "for_numeric_clause":
            return None
        start, end = clause.child_by_field_name("start"), clause.child_by_field_name("end")
        if start is None or end is None or clause.child_by_field_name("step") is not None:
            return None
        edit = Edit(Span(start.start_byte, end.end_byte), f"{text(end)}, {text(start)}, -1")
        return Fix("Go backwards", (edit,), safe=False)


def _table(match: Match) -> Node:
    return arguments(match["here"])[0]


def _clause(match: Match) -> Node | None:
    """The head of the loop that counts the index which is removed."""
    variable = match.document.scopes.variable(arguments(match["here"])[1])
    if variable is None or variable.kind != "loop" or variable.writes or variable.declared.parent is None:
        return None
    above = variable.declared.parent
    if above.type == "variable_list":
        return above.parent if above.named_children[0] == variable.declared else None
    return above


def _looks_for_one(match: Match) -> bool:
    """Whether one certain item is removed: ``if list[i] == coin then``. What the loop jumps over is then another."""
    condition = enclosing_statement(match["here"].parent or match["here"]).child_by_field_name("condition")
    if condition is None or condition.type != "binary_expression" or operator(condition) != "==":
        return False
    table, index = arguments(match["here"])
    item, other = operands(condition)
    variable = match.document.scopes.variable(item) if item.type == "identifier" else None
    is_item = text(item) == f"{text(table)}[{text(index)}]" or (variable is not None and variable.kind == "loop")
    return is_item and other.type in ("identifier", "dot_index_expression")


def _goes_over(clause: Node, table: str) -> bool:
    if clause.type == "for_numeric_clause":
        step = clause.child_by_field_name("step")
        forward = step is None or (number_value(step) or 0) > 0
        return forward and text(clause.child_by_field_name("end")) == f"#{table}"
    walked = text(clause.named_children[-1])
    return walked in (table, f"ipairs({table})", f"pairs({table})")


def _left_after(call: Node, loop: Node, document: Document) -> bool:
    """Whether the loop is left once the call is done."""
    for node in (call, *ancestors(call)):
        if node == loop:
            return False
        if node.parent is not None and node.parent.type in BODIES and any(map(leaves, following(node, document))):
            return True
    return False
