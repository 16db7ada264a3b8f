from __future__ import annotations

from ...finding import Edit, Fix
from ...rule import Invalid, Match, Rule

_NEW = {"Game": "game", "Workspace": "workspace", "ypcall": "pcall"}


class RenamedGlobal(Rule):
    """The old name of a global: `Game`, `Workspace` or `ypcall`.

    It still works in Roblox, though not in type checkers. The new name is the same thing, so the fix is safe.
    """

    severity = "info"
    message = "this global has a new name"
    query = """
      ((identifier) @here (#any-of? @here "Game" "Workspace" "ypcall"))
    """
    valid = (
        "print(game, workspace, pcall)",
        "local Workspace = game:GetService('Workspace')\nprint(Workspace)",
        "print(game.Workspace, { Game = 1 })",
    )
    invalid = (
        Invalid(
            """
print(Workspace.Gravity)
--    ^^^^^^^^^
""",
            fixed="""
print(workspace.Gravity)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        here, scopes = match["here"], match.document.scopes
        return scopes.builtin(here) and here in scopes.global_reads(match.text("here"))

    def describe(self, match: Match) -> str:
        return f"`{match.text('here')}` is called `{_NEW[match.text('here')]}` today"

    def fix(self, match: Match) -> Fix:
        new = _NEW[match.text("here")]
        return Fix(f"Write {new}", (Edit(match.span("here"), new),))
