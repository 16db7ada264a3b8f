from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ...finding import Finding, Span
from ...rule import Invalid, Rule
from ...scopes import Variable
from ...syntax_tree import Document


class UnusedLocal(Rule):
    """A local variable or function that nothing reads.

    A leftover, or a sign that a step is missing. Start its name with `_` to say that it is meant to be unused.
    """

    severity = "hint"
    message = "nothing reads this"
    also_in = ("luau-lsp", "selene")
    luau_lints = ("LocalUnused", "FunctionUnused", "ImportUnused")
    valid = (
        "local count = 1\nprint(count)",
        "local _ignored, used = f()\nprint(used)",
        "local Types = require(script.Types)\nlocal x: Types.Coin = nil\nprint(x)",
        "for index, part in parts do print(part) end",
        "local first, second = f()\nprint(second)",
    )
    invalid = (
        Invalid(
            """
do
   local count = 1
--       ^^^^^
end
"""
        ),
        Invalid(
            """
local function run() end
--             ^^^
"""
        ),
    )

    def check_variable(self, variable: Variable, document: Document) -> Iterator[Finding]:
        if variable.kind not in ("local", "function") or variable.is_read or variable.in_types or variable.exported:
            return
        declared = variable.declared
        if variable.name.startswith("_") or (variable.kind == "local" and _holds_a_place(declared)):
            return
        message = f"nothing reads `{variable.name}`"
        yield Finding(self.code, Span(declared.start_byte, declared.end_byte), message, self.severity)


def _holds_a_place(name: Node) -> bool:
    """Whether other names follow in the same declaration: this one may be there for their sake."""
    following = name.next_named_sibling
    return following is not None and following.type == "identifier"
