from __future__ import annotations

import re

from tree_sitter import Node

from ...flow import operator
from ...nodes import FUNCTIONS, arguments, callee, calls_builtin, descendants, text
from ...rule import Invalid, Match, Rule

_ERROR_NAMES = re.compile("(?i)err|msg|mess|fail|why|reason|trace|^_")
_SHOWS_OR_SORTS = ("print", "warn", "error", "tostring", "type", "typeof", "string.find", "string.match", "select")


class PcallResultIgnored(Rule):
    """The result of `pcall` used without a look at whether it succeeded.

    Where the call fails, the second value is the error message, a text. What was meant as coins or data is then a
    text, and is added to, indexed, or saved over the player's real data. Test the first value before.
    """

    severity = "warning"
    message = "where this fails the second value is the error message: test the first one before you use it"
    query = """
      (variable_declaration (assignment_statement
        (variable_list . name: (identifier) @flag . name: (identifier) @result)
        (expression_list . value: (function_call
          name: (identifier)) @here .)))
    """
    valid = (
        """
local ok, coins = pcall(function()
	return store:GetAsync(key)
end)
if ok then
	print(coins + 1)
end
""",
        "local _, err = pcall(function()\n\treturn load()\nend)\nif err then warn(err) end",
        "local _, result = pcall(function()\n\tload()\nend)\nif result then retry() end",
        "local _, first = next(list.items)\nfirst:Destroy()",
        "local _, info = xpcall(function() return fetch() end, function() return {} end)\nshow(info.name)",
        "local _, text = pcall(f.load, 1)\nassert(type(text) == 'string')",
    )
    invalid = (
        Invalid(
            """
local _, coins = pcall(store.GetAsync, store, key)
--               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
stats.Coins.Value = coins or 0
"""
        ),
        Invalid(
            """
local function load(key)
    local success, data = pcall(function() return store:GetAsync(key) end)
--                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    return data.Coins
end
print(load("a"))
"""
        ),
    )

    def check(self, match: Match) -> bool:
        scopes = match.document.scopes
        flag, result = scopes.variable(match["flag"]), scopes.variable(match["result"])
        if flag is None or result is None or flag.reads or flag.writes or result.writes:
            return False
        used = result.reads and not any(_is_error(read) for read in result.reads)
        called = bool(used) and calls_builtin(match["here"], "pcall", scopes)
        return called and not _ERROR_NAMES.search(result.name) and _returns_value(match["here"])


def _returns_value(call: Node) -> bool:
    """Whether the function that is called is known to return something."""
    given = arguments(call)
    if not given:
        return False
    if given[0].type != "function_definition":
        return given[0].type == "dot_index_expression"
    inside = descendants(given[0], skip=FUNCTIONS)
    return any(node.type == "return_statement" and node.named_children for node in inside)


def _is_error(read: Node) -> bool:
    """Whether this use treats the value as what may be an error message, or sorts out what it is."""
    above = read.parent
    if above is None:
        return False
    if above.type == "arguments" and above.parent is not None:
        return text(callee(above.parent)) in _SHOWS_OR_SORTS
    method = above.child_by_field_name("method")
    return operator(above) in ("..", "==", "~=") or text(method) in ("find", "match")
