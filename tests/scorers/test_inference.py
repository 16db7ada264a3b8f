"""What class a value is known to have, and where nothing is known."""

from __future__ import annotations

import pytest
from luau_scorers.nodes import arguments, descendants, text
from luau_scorers.syntax_tree import parse

PLAYERS = 'local Players = game:GetService("Players")\n'
KNOWN = [
    ("see(workspace.CurrentCamera)", "Camera"),
    ('see(Instance.new("Part").Position - Vector3.one)', "Vector3"),
    ("see(Enum.KeyCode.E)", "Enum.KeyCode"),
    ('see(character:FindFirstChildOfClass("Humanoid"))', "Humanoid"),
    ("local function f(tool: Tool?) see(tool) end", "Tool"),
    ("see(value :: Sound)", "Sound"),
    ('local tool\ntool = Instance.new("Tool")\nsee(tool)', "Tool"),
    ("for _, child in ipairs(workspace:GetChildren()) do see(child) end", "Instance"),
    ('local function f(x) if x and x:IsA("Part") then see(x) end end', "Part"),
    ('local function f(x) if not x:IsA("Part") then return end see(x) end', "Part"),
    ('local function f(x) if typeof(x) == "Vector3" then see(x) end end', "Vector3"),
    ("remote.OnServerEvent:Connect(function(player) see(player) end)", "Player"),
    (PLAYERS + "Players.PlayerAdded:Connect(function(player) see(player) end)", "Player"),
    (PLAYERS + "local function f(p) see(p) end\nPlayers.PlayerAdded:Connect(f)\nf(Players.LocalPlayer)", "Player"),
    (PLAYERS + "for _, player in Players:GetPlayers() do see(player) end", "Player"),
]
UNKNOWN = [
    "see(workspace.Baseplate)",
    "local game = require(script.Game)\nsee(game.Workspace)",
    "type Part = { price: number }\nlocal function f(part: Part) see(part) end",
    'local part = Instance.new("Part")\npart = pick()\nsee(part)',
    'local function f(x) if x:IsA("Part") then print(x) end see(x) end',
    'local function f(x) if x:IsA("Part") or other then see(x) end end',
    'local function f(x) if x:IsA("Part") then x = pick() see(x) end end',
    PLAYERS + "local function f(p) see(p) end\nPlayers.PlayerAdded:Connect(f)\nf(pick())",
    PLAYERS + "local function f(p) see(p) end\nPlayers.PlayerAdded:Connect(f)\nreturn { f = f }",
    "local first, second = pick()\nsee(second)",
    "local x\nlocal y = x\nx = y\nsee(x)",
]


def seen(code: str) -> str | None:
    """The class of what the example hands to ``see``."""
    document = parse(code.encode())
    calls = (node for node in descendants(document.root) if node.type == "function_call")
    call = next(call for call in calls if text(call.child_by_field_name("name")) == "see")
    return document.inference.class_of(arguments(call)[0])


@pytest.mark.parametrize(("code", "cls"), KNOWN)
def test_class_is_known(code: str, cls: str) -> None:
    assert seen(code) == cls


@pytest.mark.parametrize("code", UNKNOWN)
def test_class_is_not_guessed(code: str) -> None:
    assert seen(code) is None
