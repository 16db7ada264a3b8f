"""From a request in a document to a script in its place: what generating, regenerating and mending share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types

from .analysis import path_of
from .documents import Anchor, Document
from .failures import tell
from .insertion import Below, Placed, Target, place
from .progress import Token, progress
from .server import Server
from .stages import Narrator
from .works import Answer, answer, can_apply_edits

if TYPE_CHECKING:
    from luau_model.engines.base import Engine
    from luau_model.generate import Event, Outcome, Script
    from luau_model.request import Options

    Events = Callable[[Engine], AsyncGenerator[Event, None]]

INSERT_ANYWAY = "Insert anyway"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """One piece of work. ``inserted`` is told of the script and of the text that the client was asked to put in."""

    title: str
    document: Document
    anchor: Anchor
    target: Target
    events: Callable[[], Events]  # called when the job's turn has come, on a thread
    inserted: Callable[[str, str], None] = lambda script, text: None


async def run(server: Server, job: Job, token: Token | None) -> Answer:
    """Do a job from its turn to its end. Nothing but cancelling comes out as an exception."""
    from luau_model.engines.base import EngineError

    keep = False
    try:
        outcome = await waited(server, job, token)
        if outcome is None:
            return _gone(server, job)
        result, keep = await _deliver(server, job, outcome)
        return result
    except EngineError as error:
        keep = True
        tell(server, error, lambda: run(server, job, None), lambda: job.document.release(job.anchor))
        return answer(False, reasons=(str(error),))
    except Exception:
        log.exception("generation failed")
        message = "The script could not be written because of an internal error."
        server.say(message, types.MessageType.Error)
        return answer(False, reasons=(message,))
    finally:
        job.anchor.busy = False
        if not keep:
            job.document.release(job.anchor)


async def waited(server: Server, job: Job, token: Token | None) -> Outcome | None:
    """What the model makes of it, with progress; None where the place is gone by then. Raises EngineError."""
    job.anchor.busy = True
    async with progress(server, job.title, token) as report:
        if job.document.turn.locked():
            report("waiting for its turn")
        async with job.document.turn:
            if job.document.closed or job.target.edit("") is None:
                return None
            events = await asyncio.to_thread(job.events)
            return await outcome_of(server, job.document, events, report)


async def outcome_of(
    server: Server, document: Document, events: Events, report: Callable[[str], None]
) -> Outcome | None:
    """Run the model; None where the document is closed meanwhile. Raises EngineError."""
    from luau_model.generate import Outcome

    settings = server.settings
    narrator = Narrator(settings.candidates)
    async with server.engines.use(settings) as engine, aclosing(events(engine)) as happening:
        async for event in happening:
            server.engines.look()
            if isinstance(event, Outcome):
                return event
            if document.closed:
                return None
            report(narrator.said(event))
    return None


def request_events(
    server: Server, document: Document, request: str, anchor: Anchor, options: Options
) -> Callable[[], Events]:
    """The events of writing a script for the comment at the anchor, or instead of the script that is there."""

    def prepare() -> Events:
        from luau_model import place  # noqa: F401  imported here because here is a thread
        from luau_model.file_context import request_for
        from luau_model.generate import generate

        data, line = document.text.data, document.text.line_of(anchor.start)
        if not anchor.request:  # what will not be there is not what the file declares
            data, line = data[: anchor.start] + data[anchor.end :], max(0, line - 1)
        asked = request_for(request, data.decode(), line, _path_in_project(server, document))
        return lambda engine: generate(engine, asked, options)

    return prepare


def _path_in_project(server: Server, document: Document) -> str | None:
    """The file's path from its project's folder on: where on the machine that lies is no business of a model.

    The folder itself is in it, since its name may say where the scripts run.
    """
    path = path_of(document.uri)
    if path is None:
        return None
    above = [folder for folder in server.folders if folder in path.parents]
    if not above:
        return path.name
    return path.relative_to(max(above, key=lambda root: len(root.parts)).parent).as_posix()


def options_of(server: Server) -> Options:
    """How hard to try, by the settings."""
    from luau_model.request import Options

    settings = server.settings
    return Options(settings.candidates, settings.temperature, settings.max_tokens)


async def _deliver(server: Server, job: Job, outcome: Outcome) -> tuple[Answer, bool]:
    """Insert the script, or offer what there is. The bool: does an offer need the anchor still?"""
    if outcome.script is None:
        reasons = outcome.reasons or ("No script was good enough.",)
        script = outcome.best
        keep = _offer(server, job, script, " ".join(reasons))
        return answer(False, script.text if script else None, reasons), keep
    text = outcome.script.text
    if not can_apply_edits(server):
        message = "Your editor takes no edits from a language server; the script is in the command's answer."
        server.say(message)
        return answer(False, text, (message,), outcome.notes), False
    placed = await put(server, job, text, job.target)
    if placed.how != "inserted":
        why = why_not(placed)
        return answer(False, text, (why,)), _offer(server, job, outcome.script, why)
    if outcome.notes:
        server.say(" ".join(outcome.notes))
    return answer(True, text, (), outcome.notes), False


async def put(server: Server, job: Job, script: str, target: Target) -> Placed:
    """Put a script in its place and tell the job of it."""
    edit = target.edit(script)
    placed = await place(server, job.document, target, script, job.title)
    if placed.how == "inserted" and edit is not None:
        job.inserted(script, edit.new_text)
    return placed


def _gone(server: Server, job: Job) -> Answer:
    message = why_not(Placed("closed" if job.document.closed else "changed"))
    if not job.document.closed:
        server.say(message, types.MessageType.Warning)
    return answer(False, reasons=(message,))


def why_not(placed: Placed) -> str:
    """Why a script was not put in its place, as a sentence."""
    if placed.how == "changed":
        return "Its place in the file was changed or deleted while the script was written, so nothing was inserted."
    if placed.how == "closed":
        return "The file was closed before its script was ready."
    because = f": {placed.reason.rstrip('.')}" if placed.reason else ""
    return f"The editor did not accept the script{because}."


def _offer(server: Server, job: Job, script: Script | None, message: str) -> bool:
    """Tell the user, and offer to insert all the same where that can be done. Waits for no answer."""
    if script is None or job.document.closed or not can_apply_edits(server) or not isinstance(job.target, Below):
        server.say(message, types.MessageType.Warning)
        return False
    job.anchor.busy = False
    server.start(_ask(server, job, script.text, message))
    return True


async def _ask(server: Server, job: Job, script: str, message: str) -> None:
    try:
        if await server.ask(message, (INSERT_ANYWAY,)) != INSERT_ANYWAY:
            return
        placed = await put(server, job, script, Below(job.document, job.anchor, anyway=True))
        if placed.how != "inserted":
            server.say(why_not(placed), types.MessageType.Warning)
    finally:
        job.document.release(job.anchor)
