from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...nodes import arguments, text
from ...rule import Invalid, Match, Rule


class MethodWithDot(Rule):
    """A method of one of Roblox's objects that is called with a dot: `part.Destroy()`.

    The method then gets no object to work on, and the call raises an error. Only where the object's class is known.
    The fix is safe.
    """

    severity = "error"
    message = "call a method with a colon"
    query = """
      (function_call name: (dot_index_expression table: (_) @table field: (identifier) @here)) @call
    """
    valid = (
        "workspace:ClearAllChildren()",
        "enemy.Destroy()",
        'local part = Instance.new("Part")\npart.Destroy(part)',
        "for _, child in workspace:GetChildren() do child.Destroy(child) end",
    )
    invalid = (
        Invalid(
            """
local Players = game.GetService("Players")
--                   ^^^^^^^^^^
""",
            fixed="""
local Players = game:GetService("Players")
""",
        ),
    )

    def check(self, match: Match) -> bool:
        inference = match.document.inference
        cls = inference.class_of(match["table"])
        member = inference.member(cls, match.text("here")) if cls else None
        if member is None or member.kind != "method":
            return False
        given = arguments(match["call"])
        return not given or (text(given[0]) != match.text("table") and inference.class_of(given[0]) is None)

    def describe(self, match: Match) -> str:
        name = match.text("here")
        return f"`{name}` is a method: call it with a colon, `:{name}(...)`"

    def fix(self, match: Match) -> Fix | None:
        dot = match["here"].prev_sibling
        return Fix("Write a colon", (Edit(Span(dot.start_byte, dot.end_byte), ":"),)) if dot else None
