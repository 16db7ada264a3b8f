from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...finding import Edit, Finding, Fix, Span
from ...nodes import is_statement
from ...roblox_api import Api
from ...rule import Invalid, Rule
from ...syntax_tree import Document


class AccidentalGlobal(Rule):
    """A variable set without `local` ever declaring it.

    It becomes a global: slower, shared between functions that should not know of each other, and a misspelt name goes
    unnoticed. Reported once per name, where it is first set. The fix is safe: it is offered where the name is first
    set in the file's main body, before anything reads it.
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

    def check_global(self, name: str, document: Document) -> Iterator[Finding]:
        scopes = document.scopes
        if not scopes.sets_global(name) or name in Api.load().globals or scopes.changes_environment():
            return
        writes = scopes.global_writes(name)
        if any(_is_function(write) for write in writes):
            return
        first = min(writes, key=lambda node: node.start_byte)
        span = Span(first.start_byte, first.end_byte)
        message = f"`{name}` is a global: declare it with `local`"
        yield Finding(self.code, span, message, self.severity, _fix(first, [*scopes.global_reads(name), *writes]))


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
