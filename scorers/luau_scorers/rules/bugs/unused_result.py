from __future__ import annotations

from tree_sitter import Node

from ...nodes import FUNCTIONS, arguments, is_statement
from ...rule import Invalid, Match, Rule
from ...statements import statements
from ...words import words

_PURE = words("""
    format gsub sub upper lower rep reverse split len floor ceil abs max min clamp round sqrt sin cos rad concat find
    clone unpack pack new Angles fromRGB
    """)


class UnusedResult(Rule):
    """A call that only gives a result, with nobody to take it: `text:gsub("a", "b")`, `math.floor(x)`, `part:Clone()`.

    Strings and numbers do not change in place, and a clone has no parent yet: write `text = text:gsub("a", "b")`.
    """

    severity = "warning"
    message = "the result of this call is lost, and it does nothing else"
    also_in = ("selene",)
    query = """
      (function_call name: (dot_index_expression table: (identifier) @library
        (#any-of? @library "string" "math" "table" "Vector3" "Vector2" "CFrame" "Color3" "UDim2" "TweenInfo")
        field: (identifier) @function)) @here
      (function_call name: (method_index_expression method: (identifier) @method
        (#any-of? @method "gsub" "Clone" "GetChildren" "GetDescendants" "GetPlayers" "IsA"))) @here
    """
    valid = (
        "local shown = string.upper(name)\ntable.insert(names, shown)\nlocal copy = part:Clone()\nprint(copy)",
        "text:gsub('.', function(letter) print(letter) end)\ntext:upper()",
        "pcall(function() string.format(pattern, 1) end)",
        "local math = require(script.math)\nmath.floor(1)\nother.floor(1)",
    )
    invalid = (
        Invalid(
            """
local name = "red"
do
   string.upper(name)
-- ^^^^^^^^^^^^^^^^^^
   name:gsub("r", "R")
-- ^^^^^^^^^^^^^^^^^^^
   script.Part:Clone()
-- ^^^^^^^^^^^^^^^^^^^
end
print(name)
"""
        ),
    )

    def check(self, match: Match) -> bool:
        here = match["here"]
        if not is_statement(here) or _is_whole_function(here):
            return False
        if "library" in match.nodes:
            name = match.text("function")
            builtin = match.document.scopes.builtin(match["library"])
            return builtin and name in _PURE and not _has_callback(here, name)
        return not _has_callback(here, match.text("method"))


def _has_callback(call: Node, name: str) -> bool:
    """Whether the call may do something by way of a function that it is given."""
    given = arguments(call)
    return name == "gsub" and bool(given) and given[-1].type not in ("string", "number", "table_constructor")


def _is_whole_function(call: Node) -> bool:
    """Whether a function has this call alone in it: it may be there to see whether it raises an error."""
    body = call.parent
    function = body.parent if body is not None else None
    return function is not None and function.type in FUNCTIONS and len(statements(body)) == 1
