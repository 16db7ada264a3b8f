"""Types of TypeScript, written as Luau's."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .typescript import signature, split

_PRIMITIVES = {
    "number": "number",
    "string": "string",
    "boolean": "boolean",
    "true": "boolean",
    "false": "boolean",
    "void": "()",
    "never": "never",
    "unknown": "any",
    "any": "any",
    "object": "{ [any]: any }",
    "thread": "thread",
    "buffer": "buffer",
    "vector": "vector",
    "Callback": "function",
    "ContentId": "string",
    "BinaryString": "string",
    "SharedString": "string",
    "ProtectedString": "string",
    "RBXScriptSignal": "RBXScriptSignal",
    "RBXScriptConnection": "RBXScriptConnection",
    "EnumItem": "EnumItem",
    "Enum": "Enum",
    "RBXObject": "Object",
}
_MANY = 4  # a union of more says nothing to a reader of messages
_GENERIC = re.compile(r"(\w+)<(.*)>$", re.DOTALL)
_ENUM = re.compile(r"(?:globalThis\.)?Enum\.(\w+)$")


@dataclass(frozen=True)
class Types:
    """Knows the names that mean something in Luau, and which aliases mean another type."""

    names: frozenset[str]  # of classes and datatypes
    records: frozenset[str]  # interfaces that only describe tables
    aliases: dict[str, str]

    def luau(self, text: str) -> str | None:
        """The type in Luau, or None where it can't be told."""
        parts = split(" ".join(text.split()), "|")
        known = [part for part in parts if part not in ("undefined", "nil")]
        found = {self._one(part) for part in known}
        if None in found or not found:
            return None
        kinds = sorted(kind for kind in found if kind)
        if "any" in kinds or len(kinds) > _MANY:
            return "any"
        return " | ".join(kinds) + "?" if len(known) < len(parts) and len(kinds) == 1 else " | ".join(kinds)

    def argument(self, name: str, text: str) -> str:
        """The type of a parameter: ``T?`` where it may be left out, ``...T`` where there may be many."""
        if name.startswith("..."):
            inside = re.fullmatch(r"(?:Readonly)?Array<(.*)>", text, re.DOTALL)
            return "..." + ((self.luau(inside[1]) if inside else None) or "any")
        kind = self.luau(text) or "any"
        kind = "User | number" if kind == "User" else kind  # Roblox takes a user's id as well
        return kind + "?" if name.endswith("?") and not kind.endswith("?") and kind != "any" else kind

    def arguments(self, text: str) -> tuple[str, ...]:
        """The types of what a signature takes, without the object itself."""
        return tuple(self.argument(*part) for part in signature(text).parameters if part[0] != "this")

    def is_function(self, text: str) -> bool:
        return text.startswith(("(", "<")) and "=>" in text

    def _one(self, text: str) -> str | None:
        if text in _PRIMITIVES:
            return _PRIMITIVES[text]
        if text[0] in "\"'`":
            return "string"
        if text.replace(".", "").lstrip("-").isdigit():
            return "number"
        if enum := _ENUM.match(text):
            return f"Enum.{enum[1]}"
        if generic := _GENERIC.match(text):
            return self._generic(generic[1], split(generic[2], ","))
        if text.endswith("[]"):
            return f"{{ {self._one(text[:-2]) or 'any'} }}"
        if self.is_function(text):
            return "function"
        if text.startswith("(") and text.endswith(")"):
            return self.luau(text[1:-1])
        if text.startswith("{") or text in self.records:
            return "{ [string]: any }"
        if text in self.aliases:
            return self.luau(self.aliases[text])
        return text if text in self.names else None

    def _generic(self, name: str, inside: list[str]) -> str | None:
        if name in ("Array", "ReadonlyArray", "Set", "ReadonlySet"):
            kind = self.luau(inside[0]) or "any"
            return f"{{ {kind} }}" if name.endswith("Array") else f"{{ [{kind}]: boolean }}"
        if name in ("Map", "ReadonlyMap", "Record"):
            return f"{{ [{self.luau(inside[0]) or 'any'}]: {self.luau(inside[1]) or 'any'} }}"
        if name == "LuaTuple" and inside[0].startswith("["):
            values = [self.luau(part.rpartition(": ")[2]) or "any" for part in split(inside[0][1:-1], ",")]
            return f"({', '.join(values)})"
        if name in ("CastsToEnum", "Partial", "Readonly"):
            return self.luau(inside[0])
        return name if name in self.names or name in ("RBXScriptSignal",) else None
