from __future__ import annotations

from ...finding import Edit, Fix
from ...rule import Invalid, Match, Rule

_METHODS = {"connect": "Connect", "wait": "Wait"}


class ConnectLowercase(Rule):
    """`:connect` or `:wait`, in lower case, on one of Roblox's own events.

    Deprecated for years, and missing on newer events. Only the best known events are looked at: signals that a game
    defines itself may well have methods in lower case. The fix is safe.
    """

    severity = "warning"
    message = "deprecated spelling: write Connect and Wait"
    query = """
      (function_call name: (method_index_expression
        table: (dot_index_expression field: (identifier) @event
          (#any-of? @event "Touched" "TouchEnded" "PlayerAdded" "PlayerRemoving" "CharacterAdded" "CharacterRemoving"
            "ChildAdded" "ChildRemoved" "DescendantAdded" "Died" "MouseButton1Click" "MouseButton1Down" "Activated"
            "Heartbeat" "RenderStepped" "Stepped" "InputBegan" "InputEnded" "OnServerEvent" "OnClientEvent"))
        method: (identifier) @here (#any-of? @here "connect" "wait")))
    """
    valid = (
        "part.Touched:Connect(f)",
        "store.changed:connect(f)",
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
    )

    def fix(self, match: Match) -> Fix:
        new = _METHODS[match.text("here")]
        return Fix(f"Write {new}", (Edit(match.span("here"), new),))
