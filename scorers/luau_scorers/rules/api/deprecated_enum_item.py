from __future__ import annotations

from ...finding import Edit, Fix
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule

# Enums whose old names are gone from the documentation. In others a second name is as good as the first.
_RENAMED = ("RaycastFilterType",)


class DeprecatedEnumItem(Rule):
    """The old name of an enum's item, such as `Enum.RaycastFilterType.Blacklist`.

    It still works, and the documentation no longer knows it. The new name is the same item, so the fix is safe.
    """

    severity = "info"
    message = "this item has a new name"
    also_in = ("selene",)
    query = """
      (dot_index_expression
        table: (dot_index_expression
          table: (identifier) @root (#eq? @root "Enum")
          field: (identifier) @enum)
        field: (identifier) @here)
    """
    valid = (
        "params.FilterType = Enum.RaycastFilterType.Exclude",
        "print(enums.RaycastFilterType.Blacklist)",
        "local Enum = require(script.Enum)\nprint(Enum.RaycastFilterType.Blacklist)",
    )
    invalid = (
        Invalid(
            """
params.FilterType = Enum.RaycastFilterType.Blacklist
--                                         ^^^^^^^^^
""",
            fixed="""
params.FilterType = Enum.RaycastFilterType.Exclude
""",
        ),
    )

    def check(self, match: Match) -> bool:
        return _new(match) is not None and match.document.scopes.builtin(match["root"])

    def describe(self, match: Match) -> str:
        return f"`{match.text('here')}` is called `{_new(match)}` today"

    def fix(self, match: Match) -> Fix:
        new = _new(match) or ""
        return Fix(f"Write {new}", (Edit(match.span("here"), new),))


def _new(match: Match) -> str | None:
    enum = match.text("enum")
    return Api.load().renamed_items(enum).get(match.text("here")) if enum in _RENAMED else None
