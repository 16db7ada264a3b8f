"""The command behind "Generate from comment": from a comment to a script below it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.uris import to_fs_path

from ..documents import Anchor, Document
from ..insertion import Placed, insert
from ..progress import progress
from ..server import Server
from ..stages import said

if TYPE_CHECKING:
    from luau_model.generate import Outcome
    from luau_model.request import Request

COMMAND = "luau-lsp-ai.generate"
TITLE = "Generate from comment"
INSERT_ANYWAY = "Insert anyway"

log = logging.getLogger(__name__)


def register(server: Server) -> None:
    """Serve the command.

    Its argument is an object with ``uri`` and ``line`` (of the comment, from 0). The answer comes at once and the
    script by ``workspace/applyEdit``, since some editors stand still until a command is answered. With ``wait``
    true, the answer comes at the end: an object with ``applied``, ``script`` and ``reasons``; cancelling the
    request then cancels the generation.
    """

    @server.command(COMMAND)
    async def generate(*arguments: Any) -> dict[str, Any] | None:
        argument = arguments[0] if arguments else None
        if not (
            isinstance(argument, dict)
            and isinstance(argument.get("uri"), str)
            and isinstance(argument.get("line"), int)
        ):
            raise JsonRpcInvalidParams(f"{COMMAND} takes an object with uri and line.")
        work = _started(server, argument["uri"], argument["line"])
        if work is None or not argument.get("wait"):
            return None
        return await work


def can_apply_edits(server: Server) -> bool:
    """Does the client let us edit its documents?"""
    workspace = server.client_capabilities.workspace
    return bool(workspace and workspace.apply_edit)


def _started(server: Server, uri: str, line: int) -> asyncio.Task[dict[str, Any]] | None:
    """Start the work for the comment on the line, or tell the user why not."""
    document = server.document(uri)
    comment = document.text.comment_on(line, line) if document and line >= 0 else None
    if document is None or comment is None:
        server.say(f"There is no comment with a request on line {line + 1}.", types.MessageType.Warning)
        return None
    if document.busy(comment):
        server.say("A script for this comment is being written already.")
        return None
    return server.start(_work(server, document, document.track(comment)))


async def _work(server: Server, document: Document, anchor: Anchor) -> dict[str, Any]:
    """One request from its turn to its end. Nothing but cancelling comes out as an exception."""
    from luau_model.engines.base import EngineError

    keep = False
    try:
        async with progress(server, TITLE) as report:
            report("waiting for its turn")
            async with document.turn:
                outcome = await _outcome(server, document, anchor, report)
        if outcome is None:
            return _answer(False)
        result, keep = await _deliver(server, document, anchor, outcome)
        return result
    except EngineError as error:
        server.say(str(error), types.MessageType.Error)
    except Exception:
        log.exception("generation failed")
        server.say("The script could not be written because of an internal error.", types.MessageType.Error)
    finally:
        anchor.busy = False
        if not keep:
            document.release(anchor)
    return _answer(False)


async def _outcome(server: Server, document: Document, anchor: Anchor, report: Callable[[str], None]) -> Outcome | None:
    """What the model makes of the comment; None where there is no comment any more."""
    if document.closed or document.find(anchor) is None:
        return None
    settings = server.settings
    request = await asyncio.to_thread(_request, document, anchor)  # the first time it imports a lot
    from luau_model.generate import Outcome, generate
    from luau_model.request import Options

    options = Options(settings.candidates, settings.temperature, settings.max_tokens)
    async with server.engines.use(settings) as engine:
        async for event in generate(engine, request, options):
            if isinstance(event, Outcome):
                return event
            if document.closed:
                return None
            report(said(event, settings.candidates))
    return None


def _request(document: Document, anchor: Anchor) -> Request:
    from luau_model import generate, place  # noqa: F401  imported here because here is a thread
    from luau_model.file_context import request_for

    text = document.text
    return request_for(anchor.request, text.source, text.line_of(anchor.start), to_fs_path(document.uri))


async def _deliver(server: Server, document: Document, anchor: Anchor, outcome: Outcome) -> tuple[dict[str, Any], bool]:
    """Insert the script, or offer what there is. The bool: does an offer need the anchor still?"""
    if outcome.script is None:
        best = outcome.best.text if outcome.best else None
        reasons = " ".join(outcome.reasons) or "No script was good enough."
        return _answer(False, best, outcome.reasons), _offer(server, document, anchor, best, reasons)
    script = outcome.script.text
    if not can_apply_edits(server):
        server.say("Your editor takes no edits from a language server; the script is in the command's answer.")
        return _answer(False, script), False
    placed = await insert(server, document, anchor, script)
    if placed.how != "inserted":
        return _answer(False, script), _offer(server, document, anchor, script, _why_not(placed))
    if outcome.notes:
        server.say(" ".join(outcome.notes))
    return _answer(True, script), False


def _answer(applied: bool, script: str | None = None, reasons: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"applied": applied, "script": script, "reasons": list(reasons)}


def _why_not(placed: Placed) -> str:
    if placed.how == "changed":
        return "The comment was changed or deleted while its script was written, so nothing was inserted."
    if placed.how == "closed":
        return "The file was closed before its script was ready."
    because = f": {placed.reason.rstrip('.')}" if placed.reason else ""
    return f"The editor did not accept the script{because}."


def _offer(server: Server, document: Document, anchor: Anchor, script: str | None, message: str) -> bool:
    """Tell the user, and offer to insert all the same where that can be done. Waits for no answer."""
    if script is None or document.closed or not can_apply_edits(server):
        server.say(message, types.MessageType.Warning)
        return False
    anchor.busy = False
    server.start(_ask(server, document, anchor, script, message))
    return True


async def _ask(server: Server, document: Document, anchor: Anchor, script: str, message: str) -> None:
    actions = [types.MessageActionItem(INSERT_ANYWAY)]
    params = types.ShowMessageRequestParams(types.MessageType.Warning, message, actions)
    try:
        chosen = await server.window_show_message_request_async(params)
        if chosen is None or chosen.title != INSERT_ANYWAY:
            return
        placed = await insert(server, document, anchor, script, anyway=True)
        if placed.how != "inserted":
            server.say(_why_not(placed), types.MessageType.Warning)
    finally:
        document.release(anchor)
