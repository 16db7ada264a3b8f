from __future__ import annotations

from ...finding import Edit, Fix
from ...rule import Invalid, Match, Rule


class LibraryMethodCall(Rule):
    """`math:floor(x)`, `Instance:new("Part")`: a colon where a library's function needs a dot.

    The colon passes the library itself as the first argument, so that the call fails or does something else. The fix
    writes a dot; it is safe, because as it stands the call cannot work.
    """

    severity = "error"
    message = "a library's functions are called with a dot"
    also_in = ("selene",)
    query = """
      (function_call name: (method_index_expression table: (identifier) @library
        (#any-of? @library "math" "string" "table" "task" "os" "coroutine" "utf8" "bit32" "buffer" "debug" "Instance"
          "Vector3" "Vector2" "CFrame" "Color3" "UDim2" "UDim" "BrickColor" "TweenInfo" "Random" "RaycastParams"
          "OverlapParams" "NumberRange" "NumberSequence" "ColorSequence" "Region3" "Ray" "DateTime")
        ":" @here))
    """
    valid = (
        "print(math.floor(1), part:Destroy())",
        "local table = script.Table\ntable:Destroy()",
    )
    invalid = (
        Invalid(
            """
local part = Instance:new("Part")
--                   ^
part.Transparency = math:random()
--                      ^
""",
            fixed="""
local part = Instance.new("Part")
part.Transparency = math.random()
""",
        ),
    )

    def check(self, match: Match) -> bool:
        return match.document.scopes.builtin(match["library"])

    def describe(self, match: Match) -> str:
        return f"call a function of `{match.text('library')}` with a dot"

    def fix(self, match: Match) -> Fix:
        return Fix("Write a dot", (Edit(match.span("here"), "."),))
