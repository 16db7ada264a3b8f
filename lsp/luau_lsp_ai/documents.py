"""The open documents as the client has them, and places in them that stay right while the user types."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lsprotocol import types

from .comments import Comment, comment_at, comments
from .convert import Text, encode

if TYPE_CHECKING:
    from .analysis import Analysis

# The bytes from the first number to the second became those from the first to the third.
Edit = tuple[int, int, int]
_serials = itertools.count(1)


class Snapshot(Text):
    """One version of a document's text, with what is derived from it."""

    @cached_property
    def comments(self) -> list[Comment]:
        """The comments that can be requests."""
        return comments(self.data, self.starts)

    def comment_on(self, first: int, last: int) -> Comment | None:
        """The first comment that touches the lines ``first`` to ``last``, counted from 0."""
        if first >= len(self.starts):
            return None
        last = min(last, len(self.starts) - 1)
        return comment_at(self.comments, self.starts[first], self.line_end(last))


@dataclass(slots=True, eq=False)
class Anchor:
    """A byte range that moves with the text around it.

    ``request`` is what its comment asked for; ``busy`` while a script for it is being written.
    """

    start: int
    end: int
    request: str
    busy: bool = True

    def follow(self, start: int, end: int, length: int) -> None:
        """Take in that the bytes from ``start`` to ``end`` became ``length`` other ones.

        Text typed right before or after the range stays outside of it; text put where an emptied range was,
        as undo does, is taken back in.
        """
        shift = length - (end - start)
        empty_hit = self.start == self.end and start <= self.start <= end
        if end <= self.start and not empty_hit:
            self.start += shift
            self.end += shift
        elif start >= self.end and not empty_hit:
            return
        elif start >= self.start and end <= self.end:
            self.end += shift
        else:
            # An edit across the edge: what is left of the range lies outside of the new text.
            new_end = start + length
            if start < self.start:
                self.start, self.end = new_end, max(new_end, self.end + shift)
            else:
                self.end = start


class Document:
    """An open document: its newest text and version, and the anchors in it."""

    def __init__(self, uri: str, version: int, text: str, encoding: str) -> None:
        self.uri = uri
        self.serial = next(_serials)  # versions begin anew when a document is opened again
        self.version = version
        self.text = Snapshot(encode(text), encoding)
        self.closed = False
        self.turn = asyncio.Lock()  # requests for one document are served one after the other
        self.changed = asyncio.Event()  # set, and replaced, at each change
        self.edits: list[Edit] = []  # since the newest analysis
        self.analysis: Analysis | None = None  # the newest
        self.analysing: asyncio.Future[None] | None = None
        self.diagnostics: list[types.Diagnostic] = []  # as they were sent last
        self.pushing: asyncio.Task[None] | None = None
        self._anchors: list[Anchor] = []

    def track(self, start: int, end: int, request: str = "") -> Anchor:
        """Follow a range, such as that of a comment with this request, through all further edits until ``release``."""
        anchor = Anchor(start, end, request)
        self._anchors.append(anchor)
        return anchor

    def release(self, anchor: Anchor) -> None:
        """Follow the anchor no longer."""
        if anchor in self._anchors:
            self._anchors.remove(anchor)

    def busy(self, start: int, end: int) -> bool:
        """Is something being written for this range?"""
        near = [anchor for anchor in self._anchors if anchor.busy and anchor.start <= end and start <= anchor.end]
        return any(not anchor.request or self.find(anchor) is not None for anchor in near)

    def find(self, anchor: Anchor) -> Comment | None:
        """The anchor's comment as it stands now; None where it was deleted or says something else."""
        if anchor.start == anchor.end:
            return None
        comment = comment_at(self.text.comments, anchor.start, anchor.start)
        if comment is None or (comment.start, comment.request) != (anchor.start, anchor.request):
            return None
        # What was typed where a deleted comment was may join another comment: all of it must be ours.
        end = comment.start + len(self.text.data[comment.start : comment.end].rstrip())
        return comment if end <= anchor.end else None

    def change(self, version: int, changes: Sequence[types.TextDocumentContentChangeEvent]) -> None:
        """Take in what the client says has changed, in its order."""
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start = self.text.offset(change.range.start)
                end = max(start, self.text.offset(change.range.end))
            else:
                start, end = 0, len(self.text.data)
            self.replace(start, end, encode(change.text))
        self.version = version
        self.changed.set()
        self.changed = asyncio.Event()

    def replace(self, start: int, end: int, new: bytes) -> None:
        """Replace a byte range. Only what really differs counts as edited, so that a client may send whole files."""
        data = self.text.data
        old = data[start:end]
        self.text = Snapshot(data[:start] + new + data[end:], self.text.encoding)
        before = _common(old, new)
        after = _common(old[before:][::-1], new[before:][::-1])
        start, end, length = start + before, end - after, len(new) - before - after
        self.edits.append((start, end, start + length))
        for anchor in self._anchors:
            anchor.follow(start, end, length)

    def close(self) -> None:
        """Mark the document as closed, for those who still hold it."""
        self.closed = True
        self.changed.set()


def _common(one: bytes, other: bytes) -> int:
    """The length of the longest common start."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class Documents:
    """The documents that the client has open, by URI."""

    def __init__(self) -> None:
        self.encoding = "utf-16"
        self._open: dict[str, Document] = {}

    def __getitem__(self, uri: str) -> Document:
        return self._open[uri]

    def get(self, uri: str) -> Document | None:
        """The open document, or None."""
        return self._open.get(uri)

    def all(self) -> list[Document]:
        """Every open document."""
        return list(self._open.values())

    def open(self, item: types.TextDocumentItem) -> None:
        """Take in a document that the client opened."""
        self.close(item.uri)
        self._open[item.uri] = Document(item.uri, item.version, item.text, self.encoding)

    def close(self, uri: str) -> None:
        """Forget a document."""
        document = self._open.pop(uri, None)
        if document is not None:
            document.close()
