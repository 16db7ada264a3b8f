from __future__ import annotations

from ...finding import Edit, Fix
from ...nodes import string_value
from ...roblox_names import nearest_service, service_names
from ...rule import Invalid, Match, Rule


class UnknownService(Rule):
    """`game:GetService` with a name that is no service.

    The call raises an error, and the script stops at its first lines. Where the name is close to that of a service,
    the fix writes that one; it is safe, since as it stands the line can only fail.
    """

    severity = "error"
    message = "there is no such service"
    query = """
      (function_call
        name: (method_index_expression
          table: (identifier) @game (#any-of? @game "game" "Game")
          method: (identifier) @method (#eq? @method "GetService"))
        arguments: (arguments . (string) @here .))
    """
    valid = (
        'local Players = game:GetService("Players")',
        'registry:GetService("Coins")',
        'game:FindService("Coins")',
    )
    invalid = (
        Invalid(
            """
local DataStore = game:GetService("DatastoreServices")
--                                ^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
local DataStore = game:GetService("DataStoreService")
""",
        ),
        Invalid(
            """
local Magic = game:GetService("QuestHandler")
--                            ^^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        name = string_value(match["here"])
        return name is not None and name not in service_names() and match.document.scopes.builtin(match["game"])

    def describe(self, match: Match) -> str:
        name = string_value(match["here"]) or ""
        nearest = nearest_service(name)
        return f"there is no service `{name}`" + (f": did you mean `{nearest}`?" if nearest else "")

    def fix(self, match: Match) -> Fix | None:
        nearest = nearest_service(string_value(match["here"]) or "")
        return Fix(f"Write {nearest}", (Edit(match.span("here"), f'"{nearest}"'),)) if nearest else None
