from __future__ import annotations

from ...finding import Fix, Span
from ...inference import CLASS_FINDERS
from ...nodes import string_value
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule
from ...spelling import correction, nearest


class UnknownClassTest(Rule):
    """`IsA`, `FindFirstChildOfClass` and the like, with a name that is no class.

    `IsA` is always false then, and the others never find anything. Often the name of an object was meant:
    `FindFirstChild("HumanoidRootPart")`. `IsA` is looked at where the object is known to be Roblox's. The fix writes
    the one class that the name is a slip of; it changes what the script does, so it is not safe.
    """

    severity = "warning"
    message = "there is no such class"
    also_in = ("luau-lsp",)
    query = """
      (function_call
        name: (method_index_expression
          table: (_) @table
          method: (identifier) @method (#any-of? @method "IsA" "FindFirstChildOfClass" "FindFirstChildWhichIsA"
            "FindFirstAncestorOfClass" "FindFirstAncestorWhichIsA"))
        arguments: (arguments . (string) @here))
    """
    valid = (
        'character:FindFirstChildOfClass("Humanoid")',
        'return state:IsA("MyOwnState")',
        'workspace:FindFirstChild("Coin")',
    )
    invalid = (
        Invalid(
            """
local root = character:FindFirstChildOfClass("HumanoidRootPart")
--                                           ^^^^^^^^^^^^^^^^^^
"""
        ),
        Invalid(
            """
for _, child in workspace:GetChildren() do
    print(child:IsA("BassPart"))
--                  ^^^^^^^^^^
end
""",
            fixed="""
for _, child in workspace:GetChildren() do
    print(child:IsA("BasePart"))
end
""",
        ),
    )

    def check(self, match: Match) -> bool:
        name, api = string_value(match["here"]), Api.load()
        if name is None or api.cls(name) is not None:
            return False
        cls = match.document.inference.class_of(match["table"])
        return match.text("method") in CLASS_FINDERS or (cls is not None and api.cls(cls) is not None)

    def describe(self, match: Match) -> str:
        name = string_value(match["here"]) or ""
        meant = nearest(name, Api.load().classes())
        advice = f": did you mean `{meant}`?" if meant else ", so this never finds anything"
        return f"there is no class `{name}`{advice} ({Api.load().stamp})"

    def fix(self, match: Match) -> Fix | None:
        meant, span = nearest(string_value(match["here"]) or "", Api.load().classes()), match.span("here")
        return correction(Span(span.start + 1, span.end - 1), meant, safe=False)
