from __future__ import annotations

from ...finding import Fix
from ...lookup import tried
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule
from ...spelling import advice, correction, nearest


class UnknownEnumItem(Rule):
    """`Enum.KeyCode.Name` with a name that is no item of that enum.

    Reading it raises an error. Where the name is a slip of one item the fix writes that one; it is safe, since as it
    stands the line can only fail.
    """

    severity = "error"
    message = "the enum has no such item"
    also_in = ("luau-lsp", "selene")
    query = """
      (dot_index_expression
        table: (dot_index_expression
          table: (identifier) @root (#eq? @root "Enum")
          field: (identifier) @enum)
        field: (identifier) @here)
    """
    valid = (
        "print(Enum.KeyCode.E)",
        "print(Enum.QuestState.Done)",
        "local Enum = require(script.Enum)\nprint(Enum.Material.Cheese)",
        "print(enums.Material.Cheese)",
        "params.FilterType = Enum.RaycastFilterType.Whitelist",
    )
    invalid = (
        Invalid(
            """
part.Material = Enum.Material.Plastik
--                            ^^^^^^^
""",
            fixed="""
part.Material = Enum.Material.Plastic
""",
        ),
        Invalid(
            """
part.Material = Enum.Material.Cheese
--                            ^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        enum, name = match.text("enum"), match.text("here")
        items = Api.load().enum(enum)
        if items is None or name in items or name in _of_enum():
            return False
        return match.document.scopes.builtin(match["root"]) and not tried(match["here"], match.document.scopes)

    def describe(self, match: Match) -> str:
        meant = _meant(match)
        return f"`Enum.{match.text('enum')}` has no item `{match.text('here')}`{advice(meant)} ({Api.load().stamp})"

    def fix(self, match: Match) -> Fix | None:
        meant = _meant(match)
        return correction(match.span("here"), meant)


def _of_enum() -> tuple[str, ...]:
    """What an enum has beside its items."""
    enum = Api.load().datatype("Enum")
    return tuple(enum.members) if enum else ()


def _meant(match: Match) -> str | None:
    return nearest(match.text("here"), Api.load().enum(match.text("enum")) or ())
