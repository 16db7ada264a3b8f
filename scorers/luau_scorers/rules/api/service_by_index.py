from __future__ import annotations

from ...finding import Edit, Fix
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule


class ServiceByIndex(Rule):
    """A service taken with `game.Name` instead of `game:GetService("Name")`.

    A service can be renamed, and some do not exist until `GetService` makes them. The fix is safe.
    """

    severity = "hint"
    message = "take a service with GetService: it works when the service is renamed or not there yet"
    query = """
      (dot_index_expression
        table: (identifier) @game (#any-of? @game "game" "Game")
        field: (identifier) @name) @here
    """
    valid = (
        'local Players = game:GetService("Players")',
        "print(game.PlaceId)",
        "print(match.Players)",
        "local game = require(script.Game)\nprint(game.Players)",
    )
    invalid = (
        Invalid(
            """
local player = game.Players.LocalPlayer
--             ^^^^^^^^^^^^
""",
            fixed="""
local player = game:GetService("Players").LocalPlayer
""",
        ),
        Invalid(
            """
local part = game.Workspace.Part
--           ^^^^^^^^^^^^^^
""",
            fixed="""
local part = workspace.Part
""",
        ),
    )

    def check(self, match: Match) -> bool:
        return match.text("name") in Api.load().services() and match.document.scopes.builtin(match["game"])

    def fix(self, match: Match) -> Fix:
        name = match.text("name")
        new = "workspace" if name == "Workspace" else f'game:GetService("{name}")'
        return Fix(f"Write {new}", (Edit(match.span("here"), new),))
