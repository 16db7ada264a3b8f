from __future__ import annotations

from tree_sitter import Node

from ...nodes import callee, string_value, text
from ...rule import Invalid, Match, Rule
from ...values import value_type

_WALKS = ("pairs", "next", "ipairs")
# Fields that hold names, or numbers far too large to be places in a list.
_KEY_FIELDS = ("Name", "UserId")
_KEY_CLASSES = ("Player", "Instance", "Model", "BasePart", "Part", "Humanoid", "Team", "Tool")


class LengthOfDictionary(Rule):
    """`#` on a table whose keys are names or instances.

    `#` counts items 1, 2, 3 and so on: for a dictionary it is 0. Count the entries in a loop, or keep a counter beside
    the table. Reported only where the file shows every key, and none is a number.
    """

    severity = "warning"
    message = "this is always 0: # does not count the entries of a dictionary"
    query = """
      (unary_expression "#" operand: (identifier) @table) @here
    """
    valid = (
        "local coins = { 1, 2 }\nprint(#coins)",
        "local scores = {}\nscores.red = 1\nscores[1] = 2\nprint(#scores)",
        "local scores = {}\nscores.red = 1\nload(scores)\nprint(#scores)",
        "local scores = {}\nscores.red = 1\nscores = read()\nprint(#scores)",
        "local scores = {}\nprint(#scores)",
        "local scores = read()\nscores.red = 1\nprint(#scores, -limit)",
    )
    invalid = (
        Invalid(
            """
local scores = { red = 1, ["blue"] = 2 }
print(#scores)
--    ^^^^^^^
"""
        ),
        Invalid(
            """
local scores = {}
local function add(player: Player, other)
    scores[player] = 1
    scores[other.Name] = 1
    for name, score in pairs(scores) do
        print(name, score, #scores)
--                         ^^^^^^^
    end
end
print(add)
"""
        ),
    )

    def check(self, match: Match) -> bool:
        variable = match.document.scopes.variable(match["table"])
        if variable is None or variable.value is None or variable.writes or variable.value.type != "table_constructor":
            return False
        fields = [child for child in variable.value.named_children if child.type == "field"]
        return (
            all(_has_name(field) for field in fields)
            and all(_tells_no_place(use, match) for use in variable.reads)
            and (bool(fields) or any(_sets_entry(use) for use in variable.reads))
        )


def _has_name(field: Node) -> bool:
    name = field.child_by_field_name("name")
    return name is not None and (name.type == "identifier" or string_value(name) is not None)


def _tells_no_place(use: Node, match: Match) -> bool:
    """Whether this use of the table neither gives it a numbered item nor lets others do so."""
    above = use.parent
    if above is None:
        return False
    if above.type in ("dot_index_expression", "method_index_expression"):
        return True
    if above.type == "bracket_index_expression":
        key = above.child_by_field_name("field")
        return use == above.child_by_field_name("table") and key is not None and _is_key(key, match)
    if above.type == "unary_expression":
        return True
    call = above.parent
    return above.type == "arguments" and call is not None and text(callee(call)) in _WALKS


def _is_key(key: Node, match: Match) -> bool:
    if key.type == "dot_index_expression":
        return text(key.child_by_field_name("field")) in _KEY_FIELDS
    known = match.document.inference.class_of(key)
    return known in _KEY_CLASSES or value_type(key, match.document.scopes) == "string"


def _sets_entry(use: Node) -> bool:
    above = use.parent
    return above is not None and above.parent is not None and above.parent.type == "variable_list"
