from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ...finding import Finding, Span
from ...rule import Invalid, Rule
from ...syntax_tree import Document

_ESCAPE = re.compile(
    r"\\(?:x(?P<hex>[0-9A-Fa-f]{0,2})|u(?P<code>\{[0-9A-Fa-f]*\}?)?|(?P<byte>[0-9]{1,3})|.)", re.DOTALL
)
_SUSPICIOUS = re.compile(rb"\\[0-9xu]")
_LAST = 0x10FFFF


class InvalidEscape(Rule):
    r"""An escape in a string that stands for no character: `\xZZ`, `\300`, `\u{110000}`.

    `\x` takes two hexadecimal digits, `\` a number up to 255, and `\u{...}` a code point up to 10FFFF. A backslash
    itself is written `\\`.
    """

    severity = "error"
    message = "this escape stands for no character"
    also_in = ("luau-lsp", "selene")
    valid = (
        r"""local s = "\x41\65\u{1F600}\q\\x" """,
        r"""local s = [[\xZZ]]""",
        r"""local s = "C:\\300" """,
    )
    invalid = (
        Invalid(
            r"""
local s = "\xZZ"
--        ^^^^^^
"""
        ),
        Invalid(
            r"""
local s = '\300'
--        ^^^^^^
"""
        ),
        Invalid(
            r"""
local s = "\u{110000}"
--        ^^^^^^^^^^^^
"""
        ),
    )

    def scan(self, document: Document) -> Iterator[Finding]:
        seen = -1
        for found in _SUSPICIOUS.finditer(document.source):
            node = string_around(document.root, found.start())
            if node is None or node.start_byte == seen:
                continue
            seen = node.start_byte
            escape = wrong(document.text(node))
            if escape:
                message = f"the escape `{escape}` stands for no character"
                yield Finding(self.code, Span(node.start_byte, node.end_byte), message, self.severity)


def string_around(root: Node, place: int) -> Node | None:
    """The string in quotes or backticks that a byte stands in."""
    node = root.descendant_for_byte_range(place, place + 1)
    while node is not None and node.type not in ("string", "comment", "interpolation"):
        node = node.parent
    if node is None or node.type != "string" or (node.text or b"").startswith(b"["):
        return None
    return node


def wrong(text: str) -> str:
    """The first escape of a string that Luau refuses; empty if there is none."""
    for escape in _ESCAPE.finditer(text):
        digits, code, byte = escape["hex"], escape["code"], escape["byte"]
        inside = (code or "").strip("{}")
        bad_code = escape[0][1] == "u" and (not inside or not code.endswith("}") or int(inside, 16) > _LAST)
        if (digits is not None and len(digits) < 2) or bad_code or (byte and int(byte) > 255):
            return escape[0]
    return ""
