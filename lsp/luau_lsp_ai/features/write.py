"""Generate from comment, and Regenerate: a script below its comment, and another one in its place."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from lsprotocol import types

from ..comments import Comment
from ..documents import Document
from ..generation import Job, options_of, request_events, run
from ..insertion import Below, Over
from ..progress import Token
from ..server import Server
from ..works import Answer, Argument, answer, offer, place_of

GENERATE = "generate"
REGENERATE = "regenerate"
TITLE = "Generate from comment"


def register(server: Server) -> None:
    """Serve both, as requests and as commands."""

    def generate(argument: Argument) -> Coroutine[Any, Any, Answer]:
        return _generate(server, *place_of(argument), argument.get("workDoneToken"))

    def regenerate(argument: Argument) -> Coroutine[Any, Any, Answer]:
        return _regenerate(server, *place_of(argument), argument.get("workDoneToken"))

    offer(server, GENERATE, generate)
    offer(server, REGENERATE, regenerate)


def request_on(server: Server, uri: str, line: int) -> tuple[Document, Comment] | str:
    """The document, and its comment on a line that nothing is written for yet; else a sentence that says why not."""
    document = server.document(uri)
    comment = document.text.comment_on(line, line) if document else None
    if document is None or comment is None:
        return f"There is no comment with a request on line {line + 1}."
    if document.busy(comment.start, comment.end):
        return "A script for this comment is being written already."
    return document, comment


def refused(server: Server, message: str) -> Answer:
    """Tell the user why nothing is written."""
    server.say(message, types.MessageType.Warning)
    return answer(False, reasons=(message,))


async def _generate(server: Server, uri: str, line: int, token: Token | None) -> Answer:
    found = request_on(server, uri, line)
    if isinstance(found, str):
        return refused(server, found)
    document, comment = found
    anchor = document.track(comment.start, comment.end, comment.request)

    def inserted(script: str, text: str) -> None:
        server.generated.add(document.uri, comment.request, text, script)

    events = request_events(server, document, comment.request, anchor, options_of(server))
    return await run(server, Job(TITLE, document, anchor, Below(document, anchor), events, inserted), token)


async def _regenerate(server: Server, uri: str, line: int, token: Token | None) -> Answer:
    document = server.document(uri)
    found = server.generated.on_line(uri, document.text, line) if document else None
    if document is None or found is None:
        return refused(server, f"There is no generated script on line {line + 1}, or it was changed since.")
    if document.busy(found.start, found.end):
        return refused(server, "Another script is being written here already.")
    block, comment = found.block, found.comment
    anchor = document.track(found.start, found.end)
    old = document.text.data[found.start : found.end]

    def inserted(script: str, text: str) -> None:
        server.generated.add(document.uri, block.request, text, script, block.scripts)

    seed = len(block.scripts) * server.settings.candidates
    options = replace(options_of(server), seed=seed, avoid=block.scripts)
    events = request_events(server, document, block.request, anchor, options)
    target = Over(document, anchor, old, comment.indent)
    return await run(server, Job("Regenerate", document, anchor, target, events, inserted), token)
