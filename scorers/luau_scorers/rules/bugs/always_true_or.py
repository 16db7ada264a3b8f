from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Fix, Span
from ...nodes import text
from ...rule import Invalid, Match, Rule
from ...values import decides, is_steady, operator


class AlwaysTrueOr(Rule):
    """`if x == "a" or "b" then`: the string after `or` is true by itself, so that the condition always holds.

    Write the whole comparison again: `x == "a" or x == "b"`. The fix does that; it is not safe, because the condition
    is then not always true, which is what was meant.
    """

    severity = "warning"
    message = "this is always true: write the comparison again after `or`"
    query = """
      (binary_expression left: (binary_expression) @left "or" right: [(string) (number)] @here) @whole
    """
    valid = (
        'if team == "red" or team == "blue" then print(team) end',
        'local shown = team == "red" or "none"',
        'if (read() or "red") == "red" then print(1) end',
        "if a + b or 1 then print(1) end",
    )
    invalid = (
        Invalid(
            """
if team == "red" or "blue" or "green" then
--                  ^^^^^^
--                            ^^^^^^^
    print(team)
end
""",
            fixed="""
if team == "red" or team == "blue" or team == "green" then
    print(team)
end
""",
        ),
        Invalid(
            """
while not (read() == 1 or 2) do
--                        ^
    task.wait()
end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        return _comparison(match["left"]) is not None and decides(match["whole"])

    def fix(self, match: Match) -> Fix | None:
        comparison = _comparison(match["left"])
        subject = comparison.child_by_field_name("left") if comparison is not None else None
        if comparison is None or subject is None or operator(comparison) != "==" or not is_steady(subject):
            return None
        start = match.span("here").start
        edit = Edit(Span(start, start), f"{text(subject)} == ")
        return Fix(f"Compare {text(subject)} again", (edit,), safe=False)


def _comparison(node: Node | None) -> Node | None:
    """The comparison that a chain of ``or`` begins with."""
    while node is not None and node.type == "binary_expression" and operator(node) == "or":
        node = node.child_by_field_name("left")
    return node if node is not None and node.type == "binary_expression" and operator(node) in ("==", "~=") else None
