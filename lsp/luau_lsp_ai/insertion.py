"""Putting a script where it belongs, in a file that may change under our hands."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from typing import Literal, Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from .documents import Anchor, Document, Snapshot
from .server import Server

log = logging.getLogger(__name__)

# A user who types on and on is faster than an edit now and then, never for long.
_TRY_FOR = 15.0
# How long a change that the client made may take to reach us. Emacs waits for half a second without a key.
_CHANGE_WITHIN = 2.0
# How long to wait for the change that made the client refuse an edit.
_RACE_WITHIN = 0.3


@dataclass(frozen=True, slots=True)
class Placed:
    """How an insertion went. ``reason`` is the client's word where it refused."""

    how: Literal["inserted", "changed", "closed", "refused"]
    reason: str = ""


class Target(Protocol):
    """A place in a document that gets a script."""

    def edit(self, script: str) -> types.TextEdit | None:
        """The edit of the document's newest version; None where the place is gone."""
        ...

    def held(self, edit: types.TextEdit) -> int:
        """Grows once the edit has come about."""
        ...


@dataclass(frozen=True)
class Below:
    """The place below a comment. With ``anyway`` it is taken where the comment was, if that is changed or gone."""

    document: Document
    anchor: Anchor
    anyway: bool = False

    def edit(self, script: str) -> types.TextEdit | None:
        """See Target."""
        text = self.document.text
        comment = self.document.find(self.anchor)
        if comment is not None:
            return edit_below(text, text.line_of(comment.end), comment.indent, script)
        return edit_below(text, *_line_above(text, self.anchor), script) if self.anyway else None

    def held(self, edit: types.TextEdit) -> int:
        """See Target."""
        return _lf(self.document.text.source).count(_lf(edit.new_text).strip("\n"))


@dataclass(frozen=True)
class Over:
    """The place of a text that is there, as long as it is. ``indent`` goes before the lines of the new text."""

    document: Document
    anchor: Anchor
    old: bytes
    indent: str = ""
    is_script: bool = True

    def edit(self, script: str) -> types.TextEdit | None:
        """See Target."""
        text, (start, end) = self.document.text, (self.anchor.start, self.anchor.end)
        if text.data[start:end] != self.old:
            return None
        if not self.is_script:
            return types.TextEdit(text.range(start, end), script.replace("\n", text.newline))
        from luau_model.place import fit

        above, below = text.data[:start].decode(), text.data[end:].decode()
        return types.TextEdit(
            text.range(start, end), fit(script, above, below, self.indent, text.newline).rstrip("\r\n")
        )

    def held(self, edit: types.TextEdit) -> int:
        """See Target."""
        now = self.document.text.data[self.anchor.start : self.anchor.end].decode()
        return int(_lf(now) == _lf(edit.new_text))


async def place(server: Server, document: Document, target: Target, script: str, label: str) -> Placed:
    """Put the script in its place as one edit of one version. Tries again when the user was faster."""
    until = time.monotonic() + _TRY_FOR
    while time.monotonic() < until:
        if document.closed:
            return Placed("closed")
        edit = target.edit(script)
        if edit is None:
            return Placed("changed")
        version, before = document.version, target.held(edit)
        answer = await apply(server, document, [edit], label)
        if answer.applied:
            if await _arrived(document, target, edit, version, before):
                return Placed("inserted")
        elif not await _changes(document, version, _RACE_WITHIN):
            return Placed("refused", answer.failure_reason or "")
    return Placed("refused", "the file kept changing")


def edit_below(text: Snapshot, line: int, indent: str, script: str) -> types.TextEdit:
    """The edit that puts a script below a line, -1 being above the first; the file's end keeps its line end or lack."""
    from luau_model.place import fit

    is_last = line + 1 >= len(text.starts)
    place = len(text.data) if is_last else text.starts[line + 1]
    above, below = text.data[:place].decode(), text.data[place:].decode()
    lines = fit(script, above, below, indent, text.newline)
    if is_last:
        lines = text.newline + lines.rstrip("\r\n")
    return types.TextEdit(text.range(place, place), lines)


async def apply(
    server: Server, document: Document, edits: list[types.TextEdit], label: str
) -> types.ApplyWorkspaceEditResult:
    """Ask the client to make edits of the document's newest version, as one step of its undo."""
    params = types.ApplyWorkspaceEditParams(server.workspace_edit(document, edits), label)
    try:
        return await server.workspace_apply_edit_async(params)
    except JsonRpcException as error:  # Emacs answers a version that is gone with an error
        log.warning("the client refused an edit: %s", error)
        return types.ApplyWorkspaceEditResult(applied=False, failure_reason=str(error))


def _line_above(text: Snapshot, anchor: Anchor) -> tuple[int, str]:
    """The line below which the script goes when its comment is gone (-1 for the file's start), and the indentation."""
    line = text.line_of(anchor.start)
    start = text.starts[line]
    content = text.data[start : text.line_end(line)].decode()
    indent = content[: len(content) - len(content.lstrip(" \t"))]
    other = text.comment_on(line, line)
    if other is not None:
        return text.line_of(other.end), other.indent
    was_whole_line = anchor.start == anchor.end and not text.data[start : anchor.start].strip()
    return (line - 1 if was_whole_line else line), indent


async def _arrived(document: Document, target: Target, edit: types.TextEdit, version: int, before: int) -> bool:
    """Has the edit come about? Neovim says so even when it left out an edit of a version that is gone."""
    until = time.monotonic() + _CHANGE_WITHIN
    while target.held(edit) <= before and not document.closed:
        if not await _changes(document, document.version, until - time.monotonic()):
            # No change at all: the client tells later. Other changes, but not ours: it was left out.
            return document.version == version
    return True


async def _changes(document: Document, version: int, seconds: float) -> bool:
    """Wait until the document has another version than this; False where it keeps it."""
    if document.version == version and not document.closed:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(document.changed.wait(), max(0.0, seconds))
    return document.version != version


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
