from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...finding import Finding, Span
from ...flow import within
from ...nodes import enclosing_function
from ...rule import Invalid, Rule
from ...scopes import Variable
from ...syntax_tree import Document

# Each test of a call may have one of its own.
_FLAGS = ("ok", "success")


class ShadowedLocal(Rule):
    """A local declared twice in one block, or a loop's variable with the name of an outer loop's.

    From there on the first one is out of reach, and which of the two a line means takes a second look. Give one of them
    another name, or set the first one instead. A local made from the one it hides, as in `local x = tonumber(x)`, is
    left alone, and so are names that start with `_`.
    """

    severity = "hint"
    message = "this hides another variable of the same name"
    also_in = ("luau-lsp", "selene")
    luau_lints = ("LocalShadow", "DuplicateLocal")
    valid = (
        "local text = 5\nlocal text = tostring(text)\nprint(text)",
        "local ok = read()\nprint(ok)\nlocal ok = read()\nprint(ok)",
        "local ok, found = read()\nprint(ok, found)\nlocal ok, other = read()\nprint(ok, other)",
        "do local x = 1 print(x) end\ndo local x = 2 print(x) end",
        "for _ in list do for _ in others do print(1) end end",
        "for i = 1, 2 do print(i) end\nfor i = 1, 2 do print(i) end",
        "for i = 1, 2 do\n\trun(function()\n\t\tfor i = 1, 2 do print(i) end\n\tend)\nend",
    )
    invalid = (
        Invalid(
            """
local count = 1
print(count)
local count = 2
--    ^^^^^
print(count)
"""
        ),
        Invalid(
            """
for i = 1, 5 do
    for i = 1, 3 do
--      ^
        print(i)
    end
end
"""
        ),
    )

    def check_variable(self, variable: Variable, document: Document) -> Iterator[Finding]:
        hidden = variable.hides
        if hidden is None or variable.name.startswith("_") or variable.name in _FLAGS:
            return
        declared = variable.declared
        if variable.kind == "loop":
            same_function = enclosing_function(declared) == enclosing_function(hidden.declared)
            is_fault = hidden.kind == "loop" and same_function
        else:
            is_fault = variable.kind != "parameter" and not _has_company(declared) and not _made_from(variable, hidden)
        if is_fault:
            message = f"this hides another `{variable.name}`"
            yield Finding(self.code, Span(declared.start_byte, declared.end_byte), message, self.severity)


def _has_company(name: Node) -> bool:
    """Whether other names stand in the same declaration: it then may be repeated for the sake of those."""
    return name.parent is not None and name.parent.type == "variable_list" and len(name.parent.named_children) > 1


def _made_from(variable: Variable, before: Variable) -> bool:
    return variable.value is not None and any(within(read, variable.value) for read in before.reads)
