from __future__ import annotations

from tree_sitter import Node

from ...finding import Edit, Finding, Fix, Span
from ...nodes import text
from ...rule import Invalid, Match, Rule
from ...statements import statements
from ...values import unwrapped, value_type


class RedundantBoolean(Rule):
    """`if a == b then return true else return false end`, `a == b and true or false`.

    The comparison is true or false already: `return a == b`. The fix writes that; it is safe, and offered only where
    the condition is a comparison or a `not`.
    """

    severity = "hint"
    message = "the condition itself is true or false already"
    query = """
      (else_statement body: (block . (return_statement (expression_list . (false) .)) .)) @here
      (binary_expression
        left: (binary_expression left: (_) @condition "and" right: (true)) "or" right: (false)) @here
      (if_expression
        condition: (_) @condition consequence: (true) . (else_clause consequence: (false))) @here
    """
    valid = (
        "return found and true or false",
        "local ready = count > 5",
    )
    invalid = (
        Invalid(
            """
local function isRich(coins)
    if coins > 100 then return true else return false end
--  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
end
local poor = (coins < 5) and true or false
--           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
local ready = if not busy then true else false
--            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
local function isRich(coins)
    return coins > 100
end
local poor = coins < 5
local ready = not busy
""",
        ),
    )

    def check(self, match: Match) -> bool:
        condition = _condition(match)
        return condition is not None and value_type(condition, match.document.scopes) == "boolean"

    def finding(self, match: Match) -> Finding:
        whole = _whole(match)
        span = Span(whole.start_byte, whole.end_byte)
        return Finding(self.code, span, self.message, self.severity, _fix(match, whole))


def _whole(match: Match) -> Node:
    here = match["here"]
    return here.parent if here.type == "else_statement" and here.parent is not None else here


def _condition(match: Match) -> Node | None:
    if match["here"].type != "else_statement":
        return match["condition"]
    whole = _whole(match)
    body = whole.child_by_field_name("consequence")
    only_two = len(whole.children_by_field_name("alternative")) == 1
    returns = [text(each) for each in statements(body)]
    return whole.child_by_field_name("condition") if only_two and returns == ["return true"] else None


def _fix(match: Match, whole: Node) -> Fix | None:
    condition = _condition(match)
    if condition is None or "--" in text(whole):
        return None  # a comment would be lost
    new = text(unwrapped(condition))
    if whole.type == "if_statement":
        new = f"return {new}"
    elif whole.parent is not None and whole.parent.type in ("binary_expression", "unary_expression"):
        new = f"({new})"
    edit = Edit(Span(whole.start_byte, whole.end_byte), new)
    return Fix("Use the condition itself", (edit,))
