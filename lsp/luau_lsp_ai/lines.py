"""A text as lines. Nothing of the editor's protocol here, so that the command line does without it."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from itertools import accumulate


class Lines:
    """One state of a text: its bytes (UTF-8) and where its lines start. Never changes.

    Lines end with LF, CRLF or CR and nothing else, as the protocol has it.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each line starts. A text that ends with a line end has an empty last line."""
        lines = self.data.splitlines(keepends=True)
        starts = list(accumulate(map(len, lines), initial=0))
        if lines and lines[-1][-1:] not in b"\r\n":
            starts.pop()
        return starts

    def line_of(self, offset: int) -> int:
        """The number of the line (from 0) that holds the offset."""
        return max(0, bisect_right(self.starts, offset) - 1)

    def line_end(self, line: int) -> int:
        """Where the line's content ends, before its line end."""
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.data)
        start = self.starts[line]
        if end > start and self.data[end - 1 : end] == b"\n":
            end -= 1
        if end > start and self.data[end - 1 : end] == b"\r":
            end -= 1
        return end
