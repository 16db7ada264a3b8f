from __future__ import annotations

from ...finding import Fix
from ...lookup import tried
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule
from ...spelling import advice, correction, nearest


class UnknownEnum(Rule):
    """`Enum.Name` with a name that is no enum.

    Reading it raises an error. Where the name is a slip of one enum the fix writes that one; it is safe, since as it
    stands the line can only fail.
    """

    severity = "error"
    message = "there is no such enum"
    also_in = ("luau-lsp", "selene")
    query = """
      (dot_index_expression
        table: (identifier) @enum (#eq? @enum "Enum")
        field: (identifier) @here)
    """
    valid = (
        "print(Enum.KeyCode.E)",
        "local Enum = require(script.Enum)\nprint(Enum.State.Idle)",
        "print(enums.State)",
    )
    invalid = (
        Invalid(
            """
part.Material = Enum.Materials.Neon
--                   ^^^^^^^^^
""",
            fixed="""
part.Material = Enum.Material.Neon
""",
        ),
        Invalid(
            """
print(Enum.QuestState.Done)
--         ^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        scopes = match.document.scopes
        if Api.load().enum(match.text("here")) is not None or not scopes.builtin(match["enum"]):
            return False
        return not tried(match["here"], scopes)

    def describe(self, match: Match) -> str:
        meant = nearest(match.text("here"), Api.load().enums())
        return f"there is no enum `{match.text('here')}`{advice(meant)} ({Api.load().stamp})"

    def fix(self, match: Match) -> Fix | None:
        meant = nearest(match.text("here"), Api.load().enums())
        return correction(match.span("here"), meant)
