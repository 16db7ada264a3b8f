from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...nodes import string_value
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule


class ComparedWithString(Rule):
    """An object or an enum's item that is compared with a string: `part.Material == "Neon"`.

    They are never equal. Compare with the item, with the object's `Name` or with its `Value`. Only where the class is
    known. The fix does that; it is not safe, since the condition comes out otherwise than before.
    """

    severity = "warning"
    message = "this is never equal to a string"
    query = """
      (binary_expression left: (_) @value ["==" "~="] right: (string) @text) @here
    """
    valid = (
        'print(workspace.Name == "Game")',
        'local part = Instance.new("Part")\nprint(part.Material .. "Neon", part.Material == Enum.Material.Neon)',
        'print(state == "Idle")',
        "local function find(model: Model) return model == nil or model == '' end",
    )
    invalid = (
        Invalid(
            """
local part = Instance.new("Part")
print(part.Material == "Neon")
--    ^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
local part = Instance.new("Part")
print(part.Material == Enum.Material.Neon)
""",
        ),
        Invalid(
            """
game:GetService("Players").PlayerAdded:Connect(function(player)
    if player == "Builderman" then
--     ^^^^^^^^^^^^^^^^^^^^^^
        print("hello")
    end
end)
""",
            fixed="""
game:GetService("Players").PlayerAdded:Connect(function(player)
    if player.Name == "Builderman" then
        print("hello")
    end
end)
""",
        ),
        Invalid(
            """
local part = Instance.new("Part")
print(part.Material == "neon")
--    ^^^^^^^^^^^^^^^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        if string_value(match["text"]) == "":
            return False  # who asks for an empty text means to be careful, whatever comes
        cls = match.document.inference.class_of(match["value"]) or ""
        return cls.startswith("Enum.") or Api.load().cls(cls) is not None

    def describe(self, match: Match) -> str:
        cls = match.document.inference.class_of(match["value"]) or ""
        if cls.startswith("Enum."):
            return f"an item of `{cls}` never equals a string: compare it with `{cls}.…`"
        return f"a `{cls}` never equals a string: compare its `{_text_of(cls)}`"

    def fix(self, match: Match) -> Fix | None:
        cls = match.document.inference.class_of(match["value"]) or ""
        if not cls.startswith("Enum."):
            end = match.span("value").end
            return Fix(f"Compare its {_text_of(cls)}", (Edit(Span(end, end), f".{_text_of(cls)}"),), safe=False)
        item = string_value(match["text"])
        if item is None or item not in (Api.load().enum(cls[5:]) or ()):
            return None
        return Fix("Compare with the item", (Edit(match.span("text"), f"{cls}.{item}"),), safe=False)


def _text_of(cls: str) -> str:
    return "Value" if Api.load().is_a(cls, "ValueBase") else "Name"
