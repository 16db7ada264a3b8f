from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...nodes import string_value
from ...rule import Invalid, Match, Rule


class ServiceVariableName(Rule):
    """`local plrs = game:GetService("Players")`: a service under an abbreviated name.

    Everybody knows the services by their names; an abbreviation must be looked up first. `Http` for `HttpService` is
    fine, and so is a name that says what the service is for. The fix renames the variable; it is safe, and offered
    where the name is still free.
    """

    severity = "hint"
    message = "give the variable the service's name"
    query = """
      (variable_declaration (assignment_statement
        (variable_list . name: (identifier) @here .)
        (expression_list . (function_call
          name: (method_index_expression
            table: (identifier) @game (#eq? @game "game")
            method: (identifier) @method (#eq? @method "GetService"))
          arguments: (arguments . (string) @service .)) .)))
    """
    valid = (
        'local Players = game:GetService("Players")\nlocal Http = game:GetService("HttpService")\nprint(Players, Http)',
        'local runService = game:GetService("RunService")\nlocal dr = game:FindFirstChild("Door")',
        'local hs = street:GetService("House")\nlocal _TWEEN = game:GetService("TweenService")',
        'local JSON = game:GetService("HttpService")\nlocal teamList = game:GetService("Teams")',
    )
    invalid = (
        Invalid(
            """
local plrs = game:GetService("Players")
--    ^^^^
print(plrs.LocalPlayer, plrs)
""",
            fixed="""
local Players = game:GetService("Players")
print(Players.LocalPlayer, Players)
""",
        ),
        Invalid(
            """
local RS = game:GetService("ReplicatedStorage")
--    ^^
local ReplicatedStorage = RS.Shared
print(ReplicatedStorage)
"""
        ),
    )

    def check(self, match: Match) -> bool:
        service = string_value(match["service"])
        if service is None or not service.isidentifier():
            return False
        name, full = match.text("here").replace("_", "").lower(), service.lower()
        return name not in (full, full.removesuffix("service"), full.removesuffix("s")) and _shortens(name, full)

    def describe(self, match: Match) -> str:
        return f"call this `{string_value(match['service'])}`, as the service is called"

    def fix(self, match: Match) -> Fix | None:
        service = string_value(match["service"]) or ""
        scopes = match.document.scopes
        variable = scopes.variable(match["here"])
        taken = scopes.uses_global(service) or scopes.is_declared(service)
        if variable is None or variable.in_types or taken:
            return None
        names = (variable.declared, *variable.reads, *variable.writes)
        edits = tuple(Edit(Span(name.start_byte, name.end_byte), service) for name in names)
        return Fix(f"Rename it to {service}", edits)


def _shortens(name: str, full: str) -> bool:
    """Whether a name is made of letters of the full one, in their order, from the first."""
    letters = iter(full)
    return name[:1] == full[:1] and all(letter in letters for letter in name)
