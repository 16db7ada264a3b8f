from __future__ import annotations

from ...finding import Edit, Fix
from ...nodes import string_value
from ...roblox_api import Api
from ...rule import Invalid, Match, Rule
from ...words import words

_TYPES = words("nil boolean number string function table userdata thread vector buffer integer")
_MEANT = {
    "bool": "boolean",
    "int": "number",
    "float": "number",
    "double": "number",
    "str": "string",
    "func": "function",
    "array": "table",
    "dict": "table",
    "dictionary": "table",
    "list": "table",
    "object": "table",
    "instance": "Instance",
    "vector3": "Vector3",
    "cframe": "CFrame",
}


class UnknownTypeName(Rule):
    """`type(x) == "Vector3"`, `typeof(x) == "Part"`: a name that `type` or `typeof` never gives.

    `type` knows only Luau's own types. `typeof` knows Roblox's datatypes too, but every object is an "Instance" to it:
    ask `x:IsA("Part")`. The fix writes the function or the name that was meant; it is not safe, because the condition
    can then come out differently.
    """

    severity = "warning"
    message = "no value has a type of this name"
    also_in = ("luau-lsp",)
    luau_lints = ("UnknownType",)
    query = """
      (binary_expression
        left: (function_call name: (identifier) @function (#any-of? @function "type" "typeof"))
        ["==" "~="]
        right: (string) @here)
    """
    valid = (
        'print(type(x) == "table", typeof(x) == "Vector3", typeof(x) == "Instance", kind(x) == "Part")',
        'local type = require(script.type)\nprint(type(x) == "coin", typeof(x) == "MyClass")',
        "print(type(x) == `{kind}`)",
    )
    invalid = (
        Invalid(
            """
if type(place) == "Vector3" then print(place) end
--                ^^^^^^^^^
if typeof(count) == "int" then print(count) end
--                  ^^^^^
""",
            fixed="""
if typeof(place) == "Vector3" then print(place) end
if typeof(count) == "number" then print(count) end
""",
        ),
        Invalid(
            """
if typeof(thing) == "Part" then print(thing) end
--                  ^^^^^^
"""
        ),
    )

    def check(self, match: Match) -> bool:
        name = string_value(match["here"])
        if name is None or not match.document.scopes.builtin(match["function"]):
            return False
        if match.text("function") == "type":
            return name not in _TYPES
        return name in _MEANT or (name != "Instance" and Api.load().cls(name) is not None)

    def describe(self, match: Match) -> str:
        name, function = string_value(match["here"]), match.text("function")
        if function == "typeof" and name not in _MEANT:
            return f'`typeof` gives "Instance" for every object: ask `:IsA("{name}")`'
        return f'`{function}` never gives "{name}"'

    def fix(self, match: Match) -> Fix | None:
        name = string_value(match["here"]) or ""
        if name in _MEANT:
            return Fix(f"Write {_MEANT[name]}", (Edit(match.span("here"), f'"{_MEANT[name]}"'),), safe=False)
        if match.text("function") == "typeof" or Api.load().datatype(name) is None:
            return None
        return Fix("Write typeof", (Edit(match.span("function"), "typeof"),), safe=False)
