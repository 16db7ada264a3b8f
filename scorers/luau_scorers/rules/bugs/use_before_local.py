from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...finding import Edit, Finding, Fix, Span
from ...flow import within
from ...nodes import BODIES, ancestors, text
from ...roblox_api import Api
from ...rule import Invalid, Rule
from ...scopes import Variable
from ...statements import enclosing_statement
from ...syntax_tree import Document
from ...values import is_left_of


class UseBeforeLocal(Rule):
    """A local used above its declaration, or inside it: `local c = event:Connect(function() c:Disconnect() end)`.

    A local exists only after its whole declaration, so that the name there means a global, which is nil. Declare the
    name first. Reported where a name is used first. For a use inside the declaration the fix does that; it is safe,
    because as it stands the name is nil.
    """

    severity = "warning"
    message = "the local of this name does not exist yet: this is nil"
    also_in = ("luau-lsp", "selene")
    luau_lints = ("UnknownGlobal",)
    reports_globals = True
    valid = (
        "local function count(n) return n > 0 and count(n - 1) end\nprint(count(3))",
        "local start\nlocal function run() start() end\nfunction start() run() end\nstart()",
        "do local coins = 1 print(coins) end",
        "setfenv(1, {})\nprint(coins)\nlocal coins = 1",
        "coins = 1\nprint(coins)\nlocal coins = coins",
        "local print = print\nprint(1)",
        "print(Config)\nlocal Config = Config",
        "local clone = (clone or copy or function(x) return x end)\nprint(clone)",
        "local clone = clone and clone or print\nprint(clone)",
    )
    invalid = (
        Invalid(
            """
do
    start()
--  ^^^^^
    start()
    local function start() print(1) end
end
"""
        ),
        Invalid(
            """
local touch = part.Touched:Connect(function()
    touch:Disconnect()
--  ^^^^^
end)
""",
            fixed="""
local touch
touch = part.Touched:Connect(function()
    touch:Disconnect()
end)
""",
        ),
        Invalid(
            """
local count = function(n)
    return if n > 0 then count(n - 1) else 0
--                       ^^^^^
end
print(count(3))
""",
            fixed="""
local function count(n)
    return if n > 0 then count(n - 1) else 0
end
print(count(3))
""",
        ),
    )

    def check_global(self, name: str, document: Document) -> Iterator[Finding]:
        reported: set[int] = set()
        for read, variable in early_uses(name, document):
            if variable.declared.start_byte in reported:
                continue
            reported.add(variable.declared.start_byte)
            statement = enclosing_statement(variable.declared)
            inside = statement.start_byte < read.start_byte
            where = "is not set yet while its own declaration runs" if inside else "is declared further down"
            message = f"`{name}` {where}: here it is nil"
            fix = _fix(document, variable, statement) if inside else None
            yield Finding(self.code, Span(read.start_byte, read.end_byte), message, self.severity, fix)


def early_uses(name: str, document: Document) -> Iterator[tuple[Node, Variable]]:
    """Reads of a name that mean a global, although a local of that name follows in the same block."""
    scopes = document.scopes
    if name in Api.load().globals or scopes.sets_global(name) or scopes.changes_environment():
        return
    variables = list(scopes.variables_named(name))
    reads = scopes.global_reads(name)
    if any(_keeps_global(each, reads) for each in variables):
        return
    for variable in variables:
        if variable.kind not in ("local", "function"):
            continue
        block = next((above for above in ancestors(variable.declared) if above.type in BODIES), None)
        for read in reads if block is not None else ():
            declared_later = read.start_byte < enclosing_statement(variable.declared).end_byte
            if block is not None and block.start_byte <= read.start_byte and declared_later:
                yield read, variable


def _keeps_global(variable: Variable, reads: list[Node]) -> bool:
    """Whether it takes over a global that something else may have set: ``local x = x``, ``local x = x or {}``."""
    if text(variable.value) == variable.name:
        return True
    made_do = [read for read in reads if is_left_of(read, "or") or is_left_of(read, "and")]
    return any(within(read, enclosing_statement(variable.declared)) for read in made_do)


def _fix(document: Document, variable: Variable, statement: Node) -> Fix | None:
    name, value = variable.declared, variable.value
    assignment = name.parent.parent if name.parent is not None else None
    if value is None or assignment is None or assignment.type != "assignment_statement":
        return None
    if len(assignment.named_children) != 2 or len(assignment.named_children[0].named_children) != 1:
        return None
    if value.type == "function_definition":
        head = Span(statement.start_byte, value.start_byte + len("function"))
        return Fix("Make it a local function", (Edit(head, f"local function {variable.name}"),))
    line = document.source[: statement.start_byte].rpartition(b"\n")[2].decode()
    indentation = line if not line.strip() else ""
    edit = Edit(Span(name.end_byte, name.end_byte), f"\n{indentation}{variable.name}")
    return Fix("Declare it first", (edit,))
