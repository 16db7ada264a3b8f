from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...rule import Invalid, Match, Rule


class AnimationOnHumanoid(Rule):
    """`humanoid:LoadAnimation(animation)`, which is deprecated: the humanoid's Animator loads animations.

    On the humanoid the animation may not replicate. The fix waits for the Animator and uses it; it is not safe, since
    the wait gives other code time to run.
    """

    severity = "warning"
    message = "load animations on the humanoid's Animator"
    also_in = ("luau-lsp",)
    luau_lints = ("DeprecatedApi",)
    query = """
      (function_call name: (method_index_expression
        table: (_) @table
        method: (identifier) @here (#eq? @here "LoadAnimation")))
    """
    valid = (
        'local animator = humanoid:WaitForChild("Animator")\nanimator:LoadAnimation(animation)',
        'local humanoid = character:FindFirstChildOfClass("Humanoid")\nhumanoid:MoveTo(goal)',
    )
    invalid = (
        Invalid(
            """
local humanoid = character:FindFirstChildOfClass("Humanoid")
local track = humanoid:LoadAnimation(animation)
--                     ^^^^^^^^^^^^^
""",
            fixed="""
local humanoid = character:FindFirstChildOfClass("Humanoid")
local track = humanoid:WaitForChild("Animator"):LoadAnimation(animation)
""",
        ),
    )

    def check(self, match: Match) -> bool:
        return match.document.inference.class_of(match["table"]) in ("Humanoid", "AnimationController")

    def describe(self, match: Match) -> str:
        cls = match.document.inference.class_of(match["table"])
        return f"`{cls}:LoadAnimation` is deprecated: load animations on its Animator"

    def fix(self, match: Match) -> Fix:
        end = match["table"].end_byte
        return Fix("Use the Animator", (Edit(Span(end, end), ':WaitForChild("Animator")'),), safe=False)
