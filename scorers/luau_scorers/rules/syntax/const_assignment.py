from __future__ import annotations

from collections.abc import Iterator

from ...finding import Finding, Span
from ...nodes import ancestors, is_statement
from ...rule import Invalid, Rule
from ...scopes import Variable
from ...syntax_tree import Document


class ConstAssignment(Rule):
    """A new value for a name that is declared with `const`.

    Declare it with `local` if it has to change. What a `const` table holds may change all the same.
    """

    severity = "error"
    message = "a `const` keeps its value"
    also_in = ("luau-lsp",)
    valid = (
        "const function f(a)\n\ta = 1\nend",
        "const limits = {}\nlimits.speed = 5",
        "local limit = 1\nlimit = 2",
        "do const a = 1 end\na = 2",
    )
    invalid = (
        Invalid(
            """
const limit = 5
      limit += 1
--    ^^^^^
"""
        ),
    )

    def check_variable(self, variable: Variable, document: Document) -> Iterator[Finding]:
        for write in variable.writes:
            if write.parent and write.parent.type == "function_declaration":
                continue  # Luau takes `function name()` for a second function, and says nothing
            if not constant(document, variable):
                return
            message = f"`{variable.name}` is declared with `const`: it keeps its value"
            yield Finding(self.code, Span(write.start_byte, write.end_byte), message, self.severity)


def constant(document: Document, variable: Variable) -> bool:
    """Whether the variable's declaration begins with ``const``."""
    if variable.kind not in ("local", "function"):
        return False
    statement = next((node for node in ancestors(variable.declared) if is_statement(node)), None)
    return statement is not None and document.text(statement).startswith("const")
