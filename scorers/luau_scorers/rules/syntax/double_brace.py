from __future__ import annotations

from ...mending import Mistake, Slip, Trouble
from ...rule import Invalid, Rule


class DoubleBrace(Slip, Rule):
    r"""A `{{` in a string in backticks, which stands for one brace in other languages.

    Luau refuses it. A brace in such a string is written `\{`.
    """

    severity = "error"
    message = "a brace in a string in backticks is written `\\{`"
    also_in = ("luau-lsp",)
    valid = ("print(`{ {1} }`)", "print(`\\{{coins}}`)")
    invalid = (
        Invalid(
            """
print(`{{coins}}`)
--      ^
"""
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        if trouble.expected != "single brace":
            return None
        return Mistake(trouble.span(trouble.at), self.message)
