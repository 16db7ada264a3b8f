from __future__ import annotations

from collections.abc import Iterator

from ...finding import Edit, Finding, Fix, Span
from ...rule import Invalid, Rule
from ...syntax_tree import Document


class GlobalFunction(Rule):
    """A function declared without `local`.

    Every call then looks it up by name in the global table. The fix is safe: it is offered where nothing uses the
    function before its declaration.
    """

    severity = "hint"
    message = "declare this function with local"
    reports_globals = True
    valid = (
        "local function start() end\nstart()",
        "function module.start() end",
        "function start() end\nstart = nil",
    )
    invalid = (
        Invalid(
            """
do end
function start() end
--       ^^^^^
start()
""",
            fixed="""
do end
local function start() end
start()
""",
        ),
        Invalid(
            """
local function run() start() end
function start() end
--       ^^^^^
run()
"""
        ),
    )

    def check_global(self, name: str, document: Document) -> Iterator[Finding]:
        scopes = document.scopes
        if not scopes.sets_global(name) or scopes.changes_environment():
            return
        writes = scopes.global_writes(name)
        declaration = writes[0].parent
        if len(writes) > 1 or declaration is None or declaration.type != "function_declaration":
            return
        start = declaration.start_byte
        in_main_body = declaration.parent is not None and declaration.parent.type == "chunk"
        used_before = any(read.start_byte < start for read in scopes.global_reads(name))
        edit = Edit(Span(start, start), "local ")
        fix = Fix("Declare it with local", (edit,)) if in_main_body and not used_before else None
        yield Finding(self.code, Span(writes[0].start_byte, writes[0].end_byte), self.message, self.severity, fix)
