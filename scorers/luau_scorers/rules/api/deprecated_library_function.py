from __future__ import annotations

from ...finding import Edit, Fix
from ...nodes import arguments
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule

_INSTEAD = {
    "getn": "write `#list`",
    "foreach": "use a `for` loop",
    "foreachi": "use a `for` loop",
}


class DeprecatedLibraryFunction(Rule):
    """`table.getn`, `table.foreach` and the like, which are kept only for old code.

    The fix writes `#list` for `table.getn(list)`; it is safe. For the others there is none.
    """

    severity = "warning"
    message = "deprecated"
    also_in = ("luau-lsp", "selene")
    luau_lints = ("DeprecatedApi",)
    query = """
      (function_call name: (dot_index_expression
        table: (identifier) @library (#eq? @library "table")
        field: (identifier) @here)) @call
    """
    valid = (
        "print(#list, table.concat(list))",
        "local table = require(script.Table)\nprint(table.getn(list))",
        "print(lists.getn(list))",
    )
    invalid = (
        Invalid(
            """
print(table.getn(list))
--          ^^^^
""",
            fixed="""
print(#list)
""",
        ),
        Invalid(
            """
table.foreach(list, print)
--    ^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        found = Api.load().library("table").get(match.text("here"))
        return found is not None and found.deprecated and match.document.scopes.builtin(match["library"])

    def describe(self, match: Match) -> str:
        name = match.text("here")
        return f"`table.{name}` is deprecated: {_INSTEAD.get(name, 'see the documentation')}"

    def fix(self, match: Match) -> Fix | None:
        given = arguments(match["call"])
        plain = len(given) == 1 and given[0].type in ("identifier", "dot_index_expression", "bracket_index_expression")
        if match.text("here") != "getn" or not plain:
            return None
        return Fix("Write #", (Edit(match.span("call"), f"#{match.document.text(given[0])}"),))
