from __future__ import annotations

from ...nodes import text
from ...rule import Invalid, Match, Rule

_KNOWN = ("native", "checked", "deprecated")


class InvalidAttribute(Rule):
    """An attribute that Luau does not have, or that a function has twice.

    Luau's attributes are `@native`, `@checked` and `@deprecated`. What a decorator does in Python is a call in Luau:
    `f = cached(f)`.
    """

    severity = "error"
    message = "Luau has no such attribute"
    also_in = ("luau-lsp",)
    query = """
      (attribute name: (identifier) @here)
    """
    valid = ("@native @checked\nlocal function f() end", "@[deprecated { use = 'g' }]\nlocal function f() end")
    invalid = (
        Invalid(
            """
 @cached
--^^^^^^
local function f() end
"""
        ),
        Invalid(
            """
@native @native
--       ^^^^^^
local function f() end
"""
        ),
    )

    def check(self, match: Match) -> bool:
        return match.text("here") not in _KNOWN or self.repeated(match)

    def describe(self, match: Match) -> str:
        name = match.text("here")
        return f"this function is `@{name}` already" if self.repeated(match) else f"Luau has no attribute `@{name}`"

    def repeated(self, match: Match) -> bool:
        here = match["here"]
        attribute = here.parent
        function = attribute.parent if attribute else None
        if function is None:
            return False
        attributes = [child for child in function.children if child.type == "attribute"]
        names = [name for child in attributes for name in child.children_by_field_name("name")]
        return any(text(name) == text(here) for name in names if name.start_byte < here.start_byte)
