from __future__ import annotations

from ...mending import Mistake, Slip, Trouble
from ...rule import Invalid, Rule

_WAITED = {
    "value": "a value",
    "name": "a name",
    "type": "a type",
    "attribute": "an attribute's name, right after its `@`,",
    "use": "an assignment or a call",
    "arguments": "`(` and arguments",
    "variable": "a variable or a field to assign to",
    "unmixed type": "brackets, since `|` and `&` cannot be mixed,",
}
_JOINTS = (b"=", b",", b":", b".", b"==", b"..", b"*", b"/")


class ParseError(Slip, Rule):
    """Text that is no Luau, where nothing more helpful can be said.

    The report says what could have stood there. What comes after it in the file is not looked at.
    """

    severity = "error"
    message = "this is no Luau"
    also_in = ("luau-lsp", "selene")
    valid = ("const LIMIT = 5\nlocal x: typeof(LIMIT) = 1",)
    invalid = (
        Invalid(
            """
local x = = 5
--        ^
"""
        ),
        Invalid(
            """
do
    local x =
--          ^
    local y = 2
end
"""
        ),
    )
    rank = 3

    def explain(self, trouble: Trouble) -> Mistake | None:
        if trouble.expected == "statement" or (trouble.at == trouble.statement and trouble.expected == "value"):
            return Mistake(trouble.span(trouble.at), f"a statement cannot begin with `{trouble.text(trouble.at)}`")
        if trouble.here.text in _JOINTS and trouble.expected in ("value", "name"):
            message = f"a {trouble.expected} is missing before `{trouble.text(trouble.at)}`"
            return Mistake(trouble.span(trouble.at), message)
        waited = _WAITED.get(trouble.expected, f"`{trouble.expected}`")
        if trouble.at and (trouble.starts_line(trouble.at) or not trouble.here.text):
            return Mistake(trouble.span(trouble.at - 1), f"{waited} is missing after this")
        return Mistake(trouble.span(trouble.at), f"unexpected `{trouble.text(trouble.at)}`: {waited} belongs here")
