from __future__ import annotations

from ...lookup import tried
from ...nodes import arguments
from ...roblox_api import Api, Member
from ...rule import Invalid, Match, Rule


class MissingArgument(Rule):
    """A method of one of Roblox's objects that is called with fewer arguments than it must have.

    The call raises an error. Only where the object's class is known, and where the last argument is neither a call nor
    `...`, which may give more than one value.
    """

    severity = "error"
    message = "an argument is missing"
    query = """
      (function_call name: (method_index_expression table: (_) @table method: (identifier) @here)) @call
    """
    valid = (
        'workspace:FindFirstChild("Coin")',
        "workspace:Raycast(origin, direction)",
        "workspace:Raycast(ray())",
        "local image = Instance.new('EditableImage')\nimage:DrawImageTransformed(at, size, 0, image)",
        "return function(...) return workspace:Raycast(...) end",
        "hero:FindFirstChild()",
    )
    invalid = (
        Invalid(
            """
local result = workspace:Raycast(origin)
--                       ^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        method = _method(match)
        given = arguments(match["call"])
        if method is None or (given and given[-1].type in ("function_call", "vararg_expression")):
            return False
        return len(given) < _required(method) and not tried(match["here"], match.document.scopes)

    def describe(self, match: Match) -> str:
        method, given = _method(match), len(arguments(match["call"]))
        wanted = _required(method) if method else 0
        count = f"{wanted} argument" + "s" * (wanted > 1)
        return f"`{match.text('here')}` needs {count}, and gets {given or 'none'} ({Api.load().stamp})"


def _method(match: Match) -> Member | None:
    cls = match.document.inference.class_of(match["table"])
    member = Api.load().member(cls, match.text("here")) if cls else None
    return member if member and member.kind == "method" else None


def _required(method: Member) -> int:
    """How many arguments a call must have.

    What may be anything may be nothing as well, and so may a table of options: the sources don't tell which are asked
    for.
    """
    needed = [index for index, kind in enumerate(method.parameters, 1) if not _may_be_nil(kind)]
    return needed[-1] if needed else 0


def _may_be_nil(kind: str) -> bool:
    return kind.endswith("?") or kind.startswith("...") or kind in ("any", "nil") or "|" in kind or kind.startswith("{")
