from __future__ import annotations

from tree_sitter import Node

from ...rule import Invalid, Match, Rule
from ...side import side_of


class StarterGuiChanged(Rule):
    """A client that changes what is in StarterGui, or listens to it.

    StarterGui only holds what each player's PlayerGui is copied from: nothing of it is on the screen, and its buttons
    are never pressed. Use `player:WaitForChild("PlayerGui")`. Only where the code certainly runs on a client.
    """

    severity = "warning"
    message = "StarterGui is not what the player sees: use the player's PlayerGui"
    query = """
      (variable_list name: (dot_index_expression table: (_) @object field: (_) @here))
      (function_call name: (method_index_expression
        table: (dot_index_expression table: (_) @object field: (_) @here)
        method: (identifier) @method (#any-of? @method "Connect" "Once")))
    """
    valid = (
        """
local player = game:GetService("Players").LocalPlayer
player:WaitForChild("PlayerGui").Shop.Frame.Visible = true
""",
        'game:GetService("StarterGui").Shop.Frame.Visible = true',
        """
local StarterGui = game:GetService("StarterGui")
local gui = game:GetService("Players").LocalPlayer:WaitForChild("PlayerGui")
StarterGui.ScreenOrientation = Enum.ScreenOrientation.Portrait
StarterGui.Shop.Open.Activated:Disconnect()
""",
    )
    invalid = (
        Invalid(
            """
local StarterGui = game:GetService("StarterGui")
local gui = game:GetService("Players").LocalPlayer:WaitForChild("PlayerGui")
StarterGui.Shop.Frame.Visible = true
--                    ^^^^^^^
StarterGui.Shop.Open.Activated:Connect(print)
--                   ^^^^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        document, inner = match.document, match["object"]
        while (below := _table(inner)) is not None:
            if document.inference.class_of(below) == "StarterGui":
                return side_of(match["here"], document) == "client"
            inner = below
        return False


def _table(node: Node) -> Node | None:
    """What an expression takes a child of, by its name or with a method that finds it."""
    if node.type == "function_call":
        name = node.child_by_field_name("name")
        return name.child_by_field_name("table") if name is not None else None
    return node.child_by_field_name("table")
