"""Names that Roblox gives to every script, and lookups among them."""

from __future__ import annotations

import json
from difflib import get_close_matches
from functools import cache
from importlib.resources import files


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set: for lists that are easier to read without quotes."""
    return frozenset(text.split())


GLOBALS = words("""
    _G _VERSION assert collectgarbage delay elapsedTime error game Game gcinfo getfenv getmetatable ipairs loadstring
    newproxy next pairs pcall plugin print printidentity rawequal rawget rawlen rawset require script select setfenv
    setmetatable settings shared spawn Spawn Delay Wait stats tick time tonumber tostring type typeof unpack version
    wait warn workspace Workspace xpcall ypcall DebuggerManager PluginManager UserSettings Stats Enum
    bit32 buffer coroutine debug integer math os string table task utf8 vector types
    Axes BrickColor CFrame CatalogSearchParams Color3 ColorSequence ColorSequenceKeypoint Content DateTime
    DockWidgetPluginGuiInfo Faces FloatCurveKey Font Instance NumberRange NumberSequence NumberSequenceKeypoint
    OverlapParams Path2DControlPoint PathWaypoint PhysicalProperties Random Ray RaycastParams Rect Region3 Region3int16
    RotationCurveKey Secret SecurityCapabilities SharedTable TweenInfo UDim UDim2 ValueCurveKey Vector2 Vector2int16
    Vector3 Vector3int16 AdReward
    """)


@cache
def _lists() -> dict[str, list[str]]:
    lists: dict[str, list[str]] = json.loads((files(__package__) / "services.json").read_text("utf-8"))
    return lists


@cache
def services() -> frozenset[str]:
    """Every service that a script of a game or a plugin may ask for."""
    return frozenset(_lists()["services"])


@cache
def service_names() -> frozenset[str]:
    """Every name that ``GetService`` knows, Roblox's own internal services among them."""
    return frozenset(_lists()["services"]) | frozenset(_lists()["internal"])


def nearest_service(name: str) -> str | None:
    """The service that was probably meant by a name that is none."""
    by_lower = {service.lower(): service for service in services()}
    for guess in (name.lower(), name.lower() + "service", name.lower() + "s", name.lower().removesuffix("service")):
        if guess in by_lower:
            return by_lower[guess]
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.8)
    return by_lower[near[0]] if near else None
