from __future__ import annotations

from ...finding import Edit, Span
from ...mending import Mistake, Slip, Trouble, fixed
from ...rule import Invalid, Rule

_SEPARATORS = (b"{", b",", b";")
_CLOSERS = {b"(": b")", b"{": b"}", b"[": b"]"}


class ForeignTable(Slip, Rule):
    """A list or table of another language: `[1, 2]`, `{ speed: 5 }`, `{ "speed": 5 }`.

    Luau has one kind of table: `{ 1, 2 }`, `{ speed = 5 }`, and `{ ["top speed"] = 5 }` for keys that are no names.
    The fix is safe: as it stands, the script does not run at all.
    """

    severity = "error"
    message = "Luau writes tables in another way"
    also_in = ("luau-lsp", "selene")
    valid = ('local t = { 1, speed = 5, ["top speed"] = 5, at = map:get(1) }',)
    invalid = (
        Invalid(
            """
local car = { speed: 5, "top speed": limit, wheels: count }
--                 ^
--                                 ^
--                                                ^
local list = [car, 2]
--           ^
""",
            fixed="""
local car = { speed = 5, ["top speed"] = limit, wheels = count }
local list = {car, 2}
""",
        ),
    )

    def explain(self, trouble: Trouble) -> Mistake | None:
        return self.brackets(trouble) or self.key(trouble)

    def brackets(self, trouble: Trouble) -> Mistake | None:
        if trouble.here.text != b"[" or trouble.expected != "value" or trouble.at == trouble.statement:
            return None
        close = closing(trouble, trouble.at)
        message = "a list is written `{ ... }`"
        if close is None:
            return Mistake(trouble.span(trouble.at), message)
        edits = (trouble.replaced(trouble.at, trouble.at, "{"), trouble.replaced(close, close, "}"))
        return fixed(trouble.span(trouble.at), message, "Write { }", *edits)

    def key(self, trouble: Trouble) -> Mistake | None:
        """A ``:`` after a key. After a name it is read as a call, so that the trouble comes one or two tokens later."""
        for colon in range(trouble.at, trouble.at - 3, -1):
            key = trouble.token(colon - 1)
            if colon < 2 or trouble.token(colon).text != b":" or trouble.token(colon - 2).text not in _SEPARATORS:
                continue
            if key.kind not in ("name", "string") or not in_table(trouble, colon - 1):
                return None
            shown = trouble.text(colon - 1)
            written = f"{shown} =" if key.kind == "name" else f"[{shown}] ="
            edit = Edit(Span(key.start, trouble.token(colon).end), written)
            return fixed(trouble.span(colon), f"a table's field is written `{written} ...`", f"Write {written}", edit)
        return None


def closing(trouble: Trouble, opener: int) -> int | None:
    """The bracket that closes this one, if all between them are in pairs."""
    waiting: list[bytes] = []
    for index in range(opener, len(trouble.tokens)):
        text = trouble.token(index).text
        if text in _CLOSERS:
            waiting.append(_CLOSERS[text])
        elif text in _CLOSERS.values():
            if waiting.pop() != text:
                return None
            if not waiting:
                return index
    return None


def in_table(trouble: Trouble, index: int) -> bool:
    """Whether the innermost bracket around a token is a ``{``."""
    depth = 0
    while index > 0 and depth >= 0:
        index -= 1
        text = trouble.token(index).text
        depth += (text in _CLOSERS.values()) - (text in _CLOSERS)
    return trouble.token(index).text == b"{"
