"""Between the core's byte offsets and the positions of the editor, in whichever encoding was negotiated."""

from __future__ import annotations

import re
from functools import cached_property

from lsprotocol import types

from .lines import Lines

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def encode(text: str) -> bytes:
    """Text from the client as UTF-8. Halves of surrogate pairs, which JSON can carry, become U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\ufffd", text).encode()


class Text(Lines):
    """A text with the client's positions in it.

    A position outside of the text is moved to the nearest place inside; an offset inside of a character counts as
    that character's start.
    """

    def __init__(self, data: bytes, encoding: str = "utf-16") -> None:
        super().__init__(data)
        self.encoding = encoding

    @cached_property
    def source(self) -> str:
        """The text as a string."""
        return self.data.decode()

    @cached_property
    def newline(self) -> str:
        """The line end that the text's first line uses; LF where there is none."""
        first_end = self.data[self.line_end(0) :][:2]
        return "\r\n" if first_end == b"\r\n" else "\r" if first_end[:1] == b"\r" else "\n"

    def offset(self, position: types.Position) -> int:
        """The byte offset of a position of the client."""
        if position.line >= len(self.starts):
            return len(self.data)
        start, end = self.starts[position.line], self.line_end(position.line)
        line = self.data[start:end]
        if line.isascii():
            return start + min(position.character, len(line))
        return start + _bytes_before(line, position.character, self.encoding)

    def position(self, offset: int) -> types.Position:
        """The client's position of a byte offset."""
        line = self.line_of(offset)
        start = self.starts[line]
        before = self.data[start : min(offset, self.line_end(line))]
        return types.Position(line, _units(before, self.encoding))

    def range(self, start: int, end: int) -> types.Range:
        """The client's range of a byte range."""
        return types.Range(self.position(start), self.position(end))


def _units(before: bytes, encoding: str) -> int:
    """How many units of the encoding the start of a line has; a character cut at the end is left out."""
    if before.isascii():
        return len(before)
    text = before.decode(errors="ignore")
    if encoding == "utf-8":
        return len(text.encode())
    if encoding == "utf-32":
        return len(text)
    return len(text) + sum(character > "\uffff" for character in text)


def _bytes_before(line: bytes, units: int, encoding: str) -> int:
    """How many bytes the first ``units`` units of a line take, whole characters only."""
    if encoding == "utf-8":
        return len(line[:units].decode(errors="ignore").encode())
    text = line.decode()
    if encoding == "utf-32":
        return len(text[:units].encode())
    return len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore").encode())
