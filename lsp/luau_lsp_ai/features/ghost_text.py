"""Ghost text: after a comment that asks for a script and Enter, its first lines in grey; the rest when it is taken."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from ..comments import Comment, asks_for_code
from ..documents import Anchor, Document, Snapshot
from ..generation import options_of, outcome_of, request_events, why_not
from ..insertion import place as put
from ..server import Server
from ..settings import SECTION
from ..works import Answer, Argument, answer, offer, place_of
from .write import refused

if TYPE_CHECKING:
    from luau_model.generate import Outcome

REST = "insertRest"
# As many as one reads at a glance.
FIRST_LINES = 6
_KEPT = 20
# How long the change that takes a suggestion may come after the command that it brings.
_TAKEN_WITHIN = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Place:
    """Where ghost text goes: the empty line below a comment."""

    comment: Comment
    line: int
    start: int
    end: int


class _Ghosts:
    """What was suggested lately: the lines below a comment, by its request and the text around them."""

    def __init__(self) -> None:
        self.running: dict[str, asyncio.Task[str | None]] = {}  # by URI
        self._known: OrderedDict[tuple[str, bytes], str] = OrderedDict()

    def get(self, key: tuple[str, bytes]) -> str | None:
        return self._known.get(key)

    def put(self, key: tuple[str, bytes], lines: str) -> None:
        self._known[key] = lines
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)


def register(server: Server) -> None:
    """Serve suggestions, and the command that inserts the rest of one."""
    ghosts = _Ghosts()

    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
    async def inline_completion(params: types.InlineCompletionParams) -> types.InlineCompletionList | None:
        document = server.document(params.text_document.uri)
        if document is None or not server.settings.ghost_text:
            return None
        _outtyped(ghosts, document.uri)
        place = _place(document.text, params.position)
        return await _suggest(server, ghosts, document, place) if place else None

    def rest(argument: Argument) -> Coroutine[Any, Any, Answer]:
        return _insert_rest(server, *place_of(argument), str(argument.get("after")), str(argument.get("text")))

    offer(server, REST, rest)


def _outtyped(ghosts: _Ghosts, uri: str) -> None:
    """Drop the suggestion that is being written for a place where the user no longer is."""
    running = ghosts.running.pop(uri, None)
    if running is not None:
        running.cancel()


def _place(text: Snapshot, position: types.Position) -> _Place | None:
    """The place at the cursor, where ghost text may come: all else on its line is blank, and a request is above."""
    line = position.line
    if not 0 < line < len(text.starts):
        return None
    start, end = text.starts[line], text.line_end(line)
    comment = text.comment_on(line - 1, line - 1) if not text.data[start:end].strip() else None
    if comment is None or text.line_of(comment.end) != line - 1 or not asks_for_code(comment.request):
        return None
    return _Place(comment, line, start, end)


async def _suggest(
    server: Server, ghosts: _Ghosts, document: Document, place: _Place
) -> types.InlineCompletionList | None:
    key = (place.comment.request, document.text.data[: place.start] + document.text.data[place.end :])
    lines = ghosts.get(key)
    if lines is None:
        version = document.version
        work = asyncio.ensure_future(_written(server, document, place))
        ghosts.running[document.uri] = work
        lines = await _unless_changed(work, document, version)
        if lines is None:
            return None
        ghosts.put(key, lines)
    return types.InlineCompletionList([_item(document, place, lines)])


async def _unless_changed(work: asyncio.Task[str | None], document: Document, version: int) -> str | None:
    """The result of the work; None, and the end of the work, as soon as the document changes."""
    changed = asyncio.ensure_future(document.changed.wait())
    try:
        await asyncio.wait((work, changed), return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() and not work.cancelled() and document.version == version else None
    finally:
        changed.cancel()
        work.cancel()


async def _written(server: Server, document: Document, place: _Place) -> str | None:
    """The lines to suggest. What is not good enough is not suggested, and nothing is said: nobody has asked."""
    from luau_model.engines.base import EngineError

    anchor = document.track(place.comment.start, place.comment.end, place.comment.request)
    anchor.busy = False
    outcome: Outcome | None = None
    try:
        prepare = request_events(server, document, anchor.request, anchor, options_of(server))
        events = await asyncio.to_thread(prepare)
        outcome = await outcome_of(server, document, events, lambda message: None)
    except EngineError as error:
        log.warning("no ghost text: %s", error)
    finally:
        document.release(anchor)
    if outcome is None or outcome.script is None:
        return None
    from luau_model.place import fit

    text, script = document.text, outcome.script.text
    above, below = text.data[: place.start].decode(), text.data[place.end :].decode()
    lines = fit(script, above, below, place.comment.indent, text.newline).rstrip("\r\n")
    server.generated.add(document.uri, anchor.request, lines, script)  # if it is taken, it can be regenerated
    return lines


def _item(document: Document, place: _Place, lines: str) -> types.InlineCompletionItem:
    """The first lines, which replace the blank line, and a command that inserts the rest below them."""
    newline = document.text.newline
    split = lines.split(newline)
    first, rest = newline.join(split[:FIRST_LINES]), newline.join(split[FIRST_LINES:])
    command = None
    if rest:
        below = place.line + FIRST_LINES - 1
        argument = {"uri": document.uri, "line": below, "after": split[FIRST_LINES - 1], "text": rest}
        command = types.Command("Insert the rest", f"{SECTION}.{REST}", arguments=[argument])
    where = document.text.range(place.start, place.end)
    return types.InlineCompletionItem(insert_text=first, range=where, command=command)


@dataclass(frozen=True)
class _End:
    """The end of a line: a target for the rest of a suggestion."""

    document: Document
    anchor: Anchor

    def edit(self, script: str) -> types.TextEdit | None:
        """See Target."""
        text, end = self.document.text, self.anchor.end
        return types.TextEdit(text.range(end, end), text.newline + script) if self.anchor.start < end else None

    def held(self, edit: types.TextEdit) -> int:
        """See Target."""
        return self.document.text.source.count(edit.new_text)


async def _insert_rest(server: Server, uri: str, line: int, after: str, rest: str) -> Answer:
    """Insert the rest of a suggestion below its first lines, which the client may be about to tell of."""
    document = server.document(uri)
    until = time.monotonic() + _TAKEN_WITHIN
    while document is not None and not _has_line(document.text, line, after) and time.monotonic() < until:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(document.changed.wait(), max(0.0, until - time.monotonic()))
    if document is None or not _has_line(document.text, line, after):
        return refused(server, "The rest of the suggestion was not inserted: its first lines are not there any more.")
    anchor = document.track(document.text.starts[line], document.text.line_end(line))
    try:
        placed = await put(server, document, _End(document, anchor), rest, "Insert the rest")
    finally:
        document.release(anchor)
    return answer(True, rest) if placed.how == "inserted" else refused(server, why_not(placed))


def _has_line(text: Snapshot, line: int, content: str) -> bool:
    return line < len(text.starts) and text.data[text.starts[line] : text.line_end(line)].decode() == content
