"""Generate alternatives: up to four scripts for a comment, of which the client or the user picks one."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from ..failures import tell
from ..generation import Job, options_of, put, request_events, waited, why_not
from ..insertion import Below
from ..progress import Token
from ..server import Server
from ..settings import SECTION
from ..works import Answer, Argument, answer, argument_of, can_apply_edits, place_of, scores
from .write import refused, request_on

if TYPE_CHECKING:
    from luau_model.generate import Outcome, Script

ALTERNATIVES = "alternatives"
TITLE = "Generate alternatives"
_MOST = 4

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Offer:
    """The scripts that were made for a comment, best first."""

    job: Job
    scripts: tuple[Script, ...]
    reasons: tuple[str, ...]


def register(server: Server) -> None:
    """Serve the requests for the scripts and for inserting one, and the command that asks the user for one."""
    offers: dict[str, Offer] = {}  # one of each document, by id

    @server.feature(f"{SECTION}/{ALTERNATIVES}")
    async def alternatives(params: Any) -> Answer:
        argument = argument_of(params)
        made = await _offer(server, *place_of(argument), argument.get("workDoneToken"))
        if isinstance(made, str):
            return {"id": None, "alternatives": [], "reasons": [made]}
        for name in [name for name, other in offers.items() if other.job.document.uri == made.job.document.uri]:
            _release(offers.pop(name))
        offers[name := str(uuid.uuid4())] = made
        shown = [_alternative(made.job, script) for script in made.scripts]
        return {"id": name, "alternatives": shown, "reasons": list(made.reasons)}

    @server.feature(f"{SECTION}/insert")
    async def insert(params: Any) -> Answer:
        argument = argument_of(params)
        made, index = offers.get(str(argument.get("id"))), argument.get("index")
        if made is None or not isinstance(index, int) or not 0 <= index < len(made.scripts):
            raise JsonRpcInvalidParams("There is no such alternative any more.")
        return await _insert(server, made, index)

    @server.command(f"{SECTION}.{ALTERNATIVES}")
    async def command(*arguments: Any) -> Answer | None:
        argument: Argument = arguments[0] if arguments and isinstance(arguments[0], dict) else {}
        uri, line = place_of(argument)
        task = server.start(_pick(server, uri, line))
        return None if can_apply_edits(server) else await task


async def _pick(server: Server, uri: str, line: int) -> Answer:
    """Make the scripts and let the user choose, in the way that every client has."""
    made = await _offer(server, uri, line, None)
    if isinstance(made, str):
        return answer(False, reasons=(made,))
    titles = [_title(number, script) for number, script in enumerate(made.scripts, 1)]
    try:
        if not titles:
            return refused(server, " ".join(made.reasons) or "No script was made.")
        message = f"{len(titles)} scripts, best first, with their scores. Which one do you want?"
        chosen = await server.ask(message, titles, types.MessageType.Info)
        return await _insert(server, made, titles.index(chosen)) if chosen in titles else answer(False)
    finally:
        _release(made)


async def _offer(server: Server, uri: str, line: int, token: Token | None) -> Offer | str:
    """The scripts for the comment on a line; where there can be none, the sentence that the user was told."""
    from luau_model.engines.base import EngineError

    found = request_on(server, uri, line)
    if isinstance(found, str):
        refused(server, found)
        return found
    document, comment = found
    anchor = document.track(comment.start, comment.end, comment.request)

    def inserted(script: str, text: str) -> None:
        server.generated.add(document.uri, comment.request, text, script)

    count = min(_MOST, max(2, server.settings.candidates))
    options = replace(options_of(server), candidates=count, all_candidates=True)
    events = request_events(server, document, comment.request, anchor, options)
    job = Job(TITLE, document, anchor, Below(document, anchor), events, inserted)
    keep = False
    try:
        outcome = await waited(server, job, token)
        if outcome is None:
            return "The comment was changed or deleted, or its file was closed."
        keep = True
        return Offer(job, _ranked(outcome), outcome.reasons)
    except EngineError as error:
        tell(server, error, lambda: _pick(server, uri, line), lambda: None)
        return str(error)
    finally:
        anchor.busy = False
        if not keep:
            document.release(anchor)


def _ranked(outcome: Outcome) -> tuple[Script, ...]:
    """The scripts by what they score; those that may not be inserted unasked only where there are no others."""
    first = outcome.script or outcome.best
    scripts = ((first,) if first else ()) + outcome.alternatives
    good = [script for script in scripts if script.accepted] if outcome.script else scripts
    return tuple(sorted(good, key=lambda script: round(script.report.composite, 2), reverse=True))


def _release(made: Offer) -> None:
    made.job.document.release(made.job.anchor)


async def _insert(server: Server, made: Offer, index: int) -> Answer:
    script = made.scripts[index]
    placed = await put(server, made.job, script.text, made.job.target)
    if placed.how == "inserted":
        return answer(True, script.text)
    return {**refused(server, why_not(placed)), "script": script.text}


def _alternative(job: Job, script: Script) -> dict[str, Any]:
    return {
        "script": script.text,
        "edit": job.target.edit(script.text),
        "scores": scores(script.report),
        "problems": list(script.problems),
        "differs": _differs(script),
        "accepted": script.accepted,
    }


def _title(number: int, script: Script) -> str:
    four = ", ".join(f"{name} {value:.2f}" for name, value in scores(script.report).items() if name != "composite")
    return "; ".join((f"{number}: {four}", *_differs(script), f"{script.text.count(chr(10))} lines"))


def _differs(script: Script) -> list[str]:
    """In what it is not what was asked for, in a few words each."""
    return [*script.strayed, *(f"without {each}" for each in script.unused)]
