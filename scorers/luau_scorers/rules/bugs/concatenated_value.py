from __future__ import annotations

from ...finding import Edit, Fix
from ...nodes import text
from ...rule import Invalid, Match, Rule
from ...values import operands, unwrapped, value_type

_REFUSED = ("boolean", "nil", "table", "function")


class ConcatenatedValue(Rule):
    """`"Ready: " .. true` or `"At " .. part.Position`: `..` takes only strings and numbers.

    It raises an error when it runs. Write `tostring(...)` around the value, or use `` `Ready: {ready}` ``. The fix does
    the first; it is safe, because as it stands the line cannot work.
    """

    severity = "error"
    message = "`..` takes only strings and numbers: write tostring(...)"
    query = """
      (binary_expression ".." right: (_) @here)
      (binary_expression left: (_) @here "..")
    """
    valid = (
        'local n = 1\nprint("a" .. n .. #list .. (n + 1) .. tostring(true) .. list.name .. read())',
        "local item = Entity.new(model) .. { price = 5 }",
    )
    invalid = (
        Invalid(
            """
print("Ready: " .. true .. ", empty: " .. (count == 0))
--                 ^^^^
--                                        ^^^^^^^^^^^^
local place = Vector3.new(1, 2, 3)
print(place .. " is it")
--    ^^^^^
""",
            fixed="""
print("Ready: " .. tostring(true) .. ", empty: " .. tostring(count == 0))
local place = Vector3.new(1, 2, 3)
print(tostring(place) .. " is it")
""",
        ),
    )

    def check(self, match: Match) -> bool:
        kind = self._kind(match) if match["here"].type != "string" else None
        return kind is not None and (kind != "table" or _beside_text(match))

    def describe(self, match: Match) -> str:
        return f"`..` takes only strings and numbers, and this is a {self._kind(match)}: write `tostring(...)`"

    def fix(self, match: Match) -> Fix:
        edit = Edit(match.span("here"), f"tostring({text(unwrapped(match['here']))})")
        return Fix("Write tostring(...)", (edit,))

    def _kind(self, match: Match) -> str | None:
        """The type that `..` does not take, if it is known to be one."""
        here, document = match["here"], match.document
        variable = document.scopes.variable(here) if here.type == "identifier" else None
        if variable is None:
            known = value_type(here, document.scopes)
        elif variable.value is not None and not variable.writes:
            known = value_type(variable.value, document.scopes)
            known = None if known == "table" else known  # it may have been given a `..` of its own
        else:
            known = None
        return known if known in _REFUSED else document.inference.class_of(here)


def _beside_text(match: Match) -> bool:
    """Whether the other side is a text or a number: a table of the author's own may have a ``__concat``."""
    both = match["here"].parent
    sides = operands(both) if both is not None else []
    return any(value_type(side, match.document.scopes) in ("string", "number") for side in sides)
