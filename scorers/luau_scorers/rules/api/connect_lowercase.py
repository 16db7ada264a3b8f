from __future__ import annotations

from ...finding import Edit, Fix
from ...nodes import text
from ...rule import Invalid, Match, Rule
from ...words import words

_METHODS = {"connect": "Connect", "wait": "Wait"}
# No game calls an event of its own by these names and gives it other methods.
_EVENTS = words("""
    Touched TouchEnded PlayerAdded PlayerRemoving CharacterAdded CharacterRemoving ChildAdded ChildRemoved
    DescendantAdded MouseButton1Click MouseButton1Down Heartbeat RenderStepped Stepped InputBegan
    InputEnded OnServerEvent OnClientEvent
    """)


class ConnectLowercase(Rule):
    """`:connect` or `:wait`, in lower case, on one of Roblox's own events.

    Deprecated for years. Looked at where the object's class is known, and on the best known events: signals that a
    game defines itself may well have methods in lower case. The fix is safe.
    """

    severity = "warning"
    message = "deprecated spelling: write Connect and Wait"
    also_in = ("luau-lsp",)
    luau_lints = ("DeprecatedApi",)
    query = """
      (function_call name: (method_index_expression
        table: (_) @signal
        method: (identifier) @here (#any-of? @here "connect" "wait")))
    """
    valid = (
        "part.Touched:Connect(f)\nworkspace.Changed:Connect(f)",
        "store.changed:connect(f)",
        "zombie.Died:connect(f)",
    )
    invalid = (
        Invalid(
            """
part.Touched:connect(print)
--           ^^^^^^^
""",
            fixed="""
part.Touched:Connect(print)
""",
        ),
        Invalid(
            """
workspace.DescendantRemoving:wait()
--                           ^^^^
""",
            fixed="""
workspace.DescendantRemoving:Wait()
""",
        ),
    )

    def check(self, match: Match) -> bool:
        known = text(match["signal"].child_by_field_name("field")) in _EVENTS
        return known or match.document.inference.class_of(match["signal"]) == "RBXScriptSignal"

    def fix(self, match: Match) -> Fix:
        new = _METHODS[match.text("here")]
        return Fix(f"Write {new}", (Edit(match.span("here"), new),))
