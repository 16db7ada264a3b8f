from __future__ import annotations

from collections.abc import Iterable

from tree_sitter import Node

from ...finding import Fix
from ...nodes import text
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule
from ...spelling import advice, correction, nearest

# What other languages, or other tables of Luau, call these.
_MEANT = {
    "math.ceiling": "ceil",
    "string.substring": "sub",
    "string.replace": "gsub",
    "string.toupper": "upper",
    "string.tolower": "lower",
    "string.gfind": "gmatch",
    "table.push": "insert",
    "table.append": "insert",
    "table.join": "concat",
    "table.contains": "find",
    "table.copy": "clone",
    "task.sleep": "wait",
}
# What other hosts than Roblox offer in these libraries is not known.
_ELSEWHERE = ("os", "debug", "coroutine")


class UnknownLibraryMember(Rule):
    """A function that the library or datatype does not have, such as `table.push` or `Vector3.nwe`.

    Its value is nil, and calling it raises an error. A file that adds such a function to the library itself is left
    alone. Where one function was clearly meant the fix writes it; it is not safe, since its arguments may be others.
    """

    severity = "error"
    message = "there is no such function"
    also_in = ("luau-lsp", "selene")
    query = """
      (function_call name: (dot_index_expression table: (identifier) @library field: (identifier) @here))
    """
    valid = (
        "table.insert(list, 1)",
        "local table = require(script.Table)\ntable.push(list, 1)",
        "function table.push(list, value) end\ntable.push(list, 1)",
        "quests.push(1)",
        "os.execute('ls')",
    )
    invalid = (
        Invalid(
            """
table.push(list, 1)
--    ^^^^
""",
            fixed="""
table.insert(list, 1)
""",
        ),
        Invalid(
            """
print(Color3.fromRBG(255, 0, 0))
--           ^^^^^^^
""",
            fixed="""
print(Color3.fromRGB(255, 0, 0))
""",
        ),
        Invalid(
            """
print(string.endswith(name, "x"))
--           ^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        library, name = match.text("library"), match.text("here")
        known = _names(library)
        if not known or name in known or library in _ELSEWHERE or not match.document.scopes.builtin(match["library"]):
            return False
        return not any(_sets(use.parent, name) for use in match.document.scopes.global_reads(library))

    def describe(self, match: Match) -> str:
        meant = _meant(match)
        return f"`{match.text('library')}` has no function `{match.text('here')}`{advice(meant)} ({Api.load().stamp})"

    def fix(self, match: Match) -> Fix | None:
        meant = _meant(match)
        return correction(match.span("here"), meant, safe=False)


def _names(library: str) -> Iterable[str]:
    api = Api.load()
    datatype = api.datatype(library)
    return datatype.static if datatype else api.library(library)


def _sets(index: Node | None, name: str) -> bool:
    """Whether this is ``library.name`` where it is declared or assigned."""
    if index is None or index.parent is None or text(index.child_by_field_name("field")) != name:
        return False
    return index.parent.type in ("variable_list", "function_declaration")


def _meant(match: Match) -> str | None:
    library, name = match.text("library"), match.text("here")
    return _MEANT.get(f"{library}.{name}") or nearest(name, _names(library))
