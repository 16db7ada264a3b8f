from __future__ import annotations

from ...finding import Edit, Fix, Span
from ...lookup import tried
from ...rule import Invalid, Match, Rule
from ...words import words

# What Roblox turns into no other datatype by itself, and into which it turns nothing.
_STRICT = words("""
    Vector3 Vector2 CFrame Color3 BrickColor UDim2 UDim NumberRange NumberSequence ColorSequence Rect
    """)
_LITERALS = {"number": "number", "string": "string", "true": "boolean", "false": "boolean"}
# From the second, ``new`` of the first makes the value that was meant.
_MADE_FROM = (
    ("BrickColor", "string"),
    ("BrickColor", "Color3"),
    ("CFrame", "Vector3"),
    ("ColorSequence", "Color3"),
    ("NumberRange", "number"),
    ("NumberSequence", "number"),
)
_PART_OF = {("Color3", "BrickColor"): "Color", ("Vector3", "CFrame"): "Position"}


class PropertyTypeMismatch(Rule):
    """A property that is set to a value of another type: `part.Size = 5`, `part.Position = other.CFrame`.

    It raises an error. Only where both types are known. Where the value has or makes what is needed the fix writes
    that; it is safe, since as it stands the line can only fail.
    """

    severity = "error"
    message = "this property is of another type"
    query = """
      (assignment_statement
        (variable_list . name: (dot_index_expression table: (_) @table field: (identifier) @field) .)
        (expression_list . value: (_) @here .))
    """
    valid = (
        'local part = Instance.new("Part")\npart.Size = Vector3.one\npart.Name = "Coin"',
        'local part = Instance.new("Part")\npart.Size = size',
        "state.Size = 5",
    )
    invalid = (
        Invalid(
            """
local part = Instance.new("Part")
part.Size = 5
--          ^
"""
        ),
        Invalid(
            """
local part = Instance.new("Part")
part.Position = workspace.CurrentCamera.CFrame
--              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
local part = Instance.new("Part")
part.Position = workspace.CurrentCamera.CFrame.Position
""",
        ),
        Invalid(
            """
local part = Instance.new("Part")
part.CFrame = Vector3.new(0, 5, 0)
--            ^^^^^^^^^^^^^^^^^^^^
""",
            fixed="""
local part = Instance.new("Part")
part.CFrame = CFrame.new(Vector3.new(0, 5, 0))
""",
        ),
    )

    def check(self, match: Match) -> bool:
        wanted, given = _types(match)
        if wanted not in _STRICT or given == wanted or not (given in _STRICT or given in _LITERALS.values()):
            return False
        return not tried(match["here"], match.document.scopes)

    def describe(self, match: Match) -> str:
        wanted, given = _types(match)
        return f"`{match.text('field')}` takes a {wanted}, and this is a {given}"

    def fix(self, match: Match) -> Fix | None:
        wanted, given = _types(match)
        span = match.span("here")
        if (wanted, given) in _MADE_FROM:
            before, after = Span(span.start, span.start), Span(span.end, span.end)
            return Fix(f"Make a {wanted}", (Edit(before, f"{wanted}.new("), Edit(after, ")")))
        part = _PART_OF.get((wanted or "", given or ""))
        simple = match["here"].type in ("identifier", "dot_index_expression", "function_call")
        return Fix(f"Take its {part}", (Edit(Span(span.end, span.end), f".{part}"),)) if part and simple else None


def _types(match: Match) -> tuple[str | None, str | None]:
    """What the property takes, and what it is given."""
    inference, value = match.document.inference, match["here"]
    cls = inference.class_of(match["table"])
    member = inference.api.member(cls, match.text("field")) if cls else None
    wanted = inference.known(member.type) if member and member.kind == "property" else None
    return wanted, _LITERALS.get(value.type) or inference.class_of(value)
