from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...finding import Edit, Finding, Fix, Span
from ...flow import within
from ...nodes import FUNCTIONS, ancestors, enclosing_function, is_statement, text
from ...roblox_api import Api
from ...rule import Invalid, Rule
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
        "local ok\nok, _ = pcall(print)",
        "client, service = nil\nprint(client, service)",
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
        first = min(writes, key=lambda node: node.start_byte)
        if any(_is_function(write) for write in writes) or _is_meant(first):
            return
        uses = [*scopes.global_reads(name), *writes]
        meant = not _in_one_function(uses) and document.fact(("shared globals",), _is_habit)
        span = Span(first.start_byte, first.end_byte)
        message = f"`{name}` is a global: declare it with `local`"
        yield Finding(self.code, span, message, "info" if meant else self.severity, _fix(first, uses))


def _is_habit(document: Document) -> bool:
    """Whether functions share so many globals that the author can hardly have forgotten ``local`` each time."""
    scopes = document.scopes
    names = [name for name in scopes.globals() if scopes.sets_global(name)]
    writes = {name: written for name in names if not _is_function((written := scopes.global_writes(name))[0])}
    shared = (name for name in writes if not _in_one_function([*writes[name], *scopes.global_reads(name)]))
    return sum(1 for _ in shared) >= _MANY


def _in_one_function(uses: list[Node]) -> bool:
    functions = (above for above in ancestors(uses[0]) if above.type in FUNCTIONS)
    return any(all(within(use, function) for use in uses) for function in functions)


def _is_meant(first: Node) -> bool:
    """``_``, which takes what nobody wants, and ``a, b = nil`` in the main body: they come from outside."""
    if text(first) == "_" or enclosing_function(first) is not None or first.parent is None:
        return text(first) == "_"
    values = first.parent.next_named_sibling
    return values is not None and all(value.type == "nil" for value in values.named_children)


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
