"""Fix all safe problems of a document."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

from lsprotocol import types

from ..analysis import find, path_of
from ..documents import Document, Snapshot
from ..server import Server

FIX_ALL = "fixAll"
KIND = f"{types.CodeActionKind.SourceFixAll.value}.luau-lsp-ai"


async def all_fixes(server: Server, document: Document) -> list[types.TextEdit]:
    """The edits that fix what can be fixed safely in the newest version; none where the user does not want to know."""
    if not server.settings.diagnostics:
        return []
    while True:
        version = document.version
        edits = await asyncio.to_thread(_edits, document.text, path_of(document.uri))
        if document.version == version:
            return edits


def _edits(text: Snapshot, path: Path | None) -> list[types.TextEdit]:
    from luau_scorers.fixes import fixed

    return list(_changed_lines(text, fixed(text.data, lambda data: find(data, path))))


def _changed_lines(text: Snapshot, new: bytes) -> Iterator[types.TextEdit]:
    """The edits that turn a text into another one, whole lines at a time."""
    before, after = text.data.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [*text.starts[: len(before)], len(text.data)]
    for what, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what != "equal":
            yield types.TextEdit(text.range(starts[start], starts[end]), b"".join(after[first:last]).decode())
