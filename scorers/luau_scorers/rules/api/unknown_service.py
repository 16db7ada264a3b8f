from __future__ import annotations

from difflib import get_close_matches

from ...finding import Edit, Fix
from ...nodes import string_value
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule
from ...spelling import advice

# Names of the services' objects, by which GetService finds them as well.
_OBJECTS = ("Run Service", "Teleport Service")


class UnknownService(Rule):
    """`game:GetService` with a name that is no service.

    The call raises an error, and the script stops at its first lines. Where the name is close to that of a service,
    the fix writes that one; it is safe, since as it stands the line can only fail.
    """

    severity = "error"
    message = "there is no such service"
    also_in = ("luau-lsp", "selene")
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
        known = name is None or name in Api.load().services() or name in _OBJECTS
        return not known and match.document.scopes.builtin(match["game"])

    def describe(self, match: Match) -> str:
        name = string_value(match["here"]) or ""
        meant = _meant(name)
        return f"there is no service `{name}`{advice(meant)} ({Api.load().stamp})"

    def fix(self, match: Match) -> Fix | None:
        meant = _meant(string_value(match["here"]) or "")
        return Fix(f"Write {meant}", (Edit(match.span("here"), f'"{meant}"'),)) if meant else None


def _meant(name: str) -> str | None:
    """The service that was probably meant by a name that is none; those that no script may use are left out."""
    api = Api.load()
    usable = (service for service in api.services() if (cls := api.cls(service)) and cls.security == "none")
    by_lower = {service.lower(): service for service in usable}
    for guess in (name.lower(), name.lower() + "service", name.lower() + "s", name.lower().removesuffix("service")):
        if guess in by_lower:
            return by_lower[guess]
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.8)
    return by_lower[near[0]] if near else None
