"""Which scripts in the open files were written here: known by their text, so that files need no marks."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass

from .comments import Comment
from .documents import Snapshot

_MOST = 50  # of one file


@dataclass(frozen=True, slots=True)
class Block:
    """A script as it was put into a file. ``scripts`` are all that were made for its request so far, newest last."""

    request: str
    text: str  # with LF, without the last line end
    scripts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A block in a text, by byte offsets, and the comment above it."""

    block: Block
    comment: Comment
    start: int
    end: int


class Generated:
    """The blocks of all files, by URI. They outlive edits around them, undo and redo, and closing the file."""

    def __init__(self) -> None:
        self._blocks: defaultdict[str, deque[Block]] = defaultdict(lambda: deque(maxlen=_MOST))

    def add(self, uri: str, request: str, text: str, script: str, before: tuple[str, ...] = ()) -> None:
        """Remember what was inserted."""
        lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        self._blocks[uri].appendleft(Block(request, lines, (*before, script)))

    def moved(self, old: str, new: str) -> None:
        """A file has another name now."""
        if old in self._blocks:
            self._blocks[new] = self._blocks.pop(old)

    def on_line(self, uri: str, text: Snapshot, line: int) -> Found | None:
        """The block that holds the line, or whose comment does."""
        blocks = self._blocks.get(uri)
        for comment in text.comments if blocks else ():
            first = text.line_of(comment.start)
            found = self._below(uri, text, comment) if first <= line else None
            if found is not None and line <= text.line_of(found.end):
                return found
        return None

    def _below(self, uri: str, text: Snapshot, comment: Comment) -> Found | None:
        line = text.line_of(comment.end) + 1
        if line >= len(text.starts):
            return None
        start = text.starts[line]
        for block in self._blocks[uri]:
            data = block.text.replace("\n", text.newline).encode()
            end = start + len(data)
            if (
                block.request == comment.request
                and text.data[start:end] == data
                and text.data[end : end + 1] in b"\r\n"
            ):
                return Found(block, comment, start, end)
        return None
