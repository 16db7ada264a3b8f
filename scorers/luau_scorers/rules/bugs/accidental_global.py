from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...finding import Edit, Finding, Fix, Span
from ...flow import within
from ...nodes import enclosing_function, is_statement
from ...roblox_api import Api
from ...rule import Invalid, Rule
from ...scopes import Scopes
from ...syntax_tree import Document

_MANY = 3


class AccidentalGlobal(Rule):
    """A variable set without `local` ever declaring it.

    It becomes a global: slower, shared between functions that should not know of each other, and a misspelt name goes
    unnoticed. Reported once per name, where it is first set; as info only in a file that shares most of what it has
    through globals, unless a single function uses the name. The fix is safe: it is offered where the name is first set
    in the file's main body, before anything reads it.
    """

    severity = "warning"
    message = "this is a global: write local"
    also_in = ("selene",)
    luau_lints = ("GlobalUsedAsLocal",)
    reports_globals = True
    valid = (
        "local count = 0\ncount = count + 1",
        "_G.count = 1",
        "function start() end",
        "setfenv(1, {})\ncount = 1",
    )
    invalid = (
        Invalid(
            """
do end
   count = 0
-- ^^^^^
print(count)
""",
            fixed="""
do end
   local count = 0
print(count)
""",
        ),
        Invalid(
            """
local function start()
    running = true
--  ^^^^^^^
end
start()
"""
        ),
    )

    def scan(self, document: Document) -> Iterator[Finding]:
        scopes = document.scopes
        if scopes.uses_global("setfenv") or scopes.uses_global("getfenv"):
            return
        is_habit = _is_habit(scopes)
        for name, writes in scopes.global_writes.items():
            first = min(writes, key=lambda node: node.start_byte)
            if name in Api.load().globals or _is_function(first) or any(_is_function(write) for write in writes):
                continue
            message = f"`{name}` is a global: declare it with `local`"
            uses = [*scopes.global_reads.get(name, []), *writes]
            meant = is_habit and not _in_one_function(uses)
            span = Span(first.start_byte, first.end_byte)
            yield Finding(self.code, span, message, "info" if meant else self.severity, _fix(first, uses))


def _is_habit(scopes: Scopes) -> bool:
    """Whether the main body sets so many globals that its author can hardly have forgotten ``local`` each time."""
    firsts = [writes[0] for writes in scopes.global_writes.values() if not _is_function(writes[0])]
    return sum(enclosing_function(first) is None for first in firsts) >= _MANY


def _in_one_function(uses: list[Node]) -> bool:
    function = enclosing_function(uses[0])
    return function is not None and all(within(use, function) for use in uses)


def _is_function(name: Node) -> bool:
    return name.parent is not None and name.parent.type == "function_declaration"


def _fix(first: Node, uses: list[Node]) -> Fix | None:
    names = first.parent
    statement = names.parent if names is not None else None
    if names is None or statement is None or statement.type != "assignment_statement" or len(names.named_children) != 1:
        return None
    in_main_body = is_statement(statement) and statement.parent is not None and statement.parent.type == "chunk"
    if not in_main_body or any(use.start_byte < statement.end_byte and use != first for use in uses):
        return None
    return Fix("Declare it with local", (Edit(Span(statement.start_byte, statement.start_byte), "local "),))
