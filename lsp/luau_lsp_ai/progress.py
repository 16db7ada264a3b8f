"""Progress of long work in the client's own way, with its Cancel button."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any, Union

from lsprotocol import types

from .server import Server

log = logging.getLogger(__name__)
Token = Union[str, int]  # noqa: UP007

# A client need not answer; then the work goes on without.
_ANSWER_WITHIN = 3.0
# Tokens come faster than anybody can read.
_REPORT_EVERY = 0.1


@asynccontextmanager
async def progress(server: Server, title: str, token: Token | None = None) -> AsyncIterator[Callable[[str], None]]:
    """Show progress while the body runs; yields the function that takes what to show.

    The client's Cancel cancels the task that runs the body. With ``token`` the client has made a place for it.
    Shows nothing where the client has no progress.
    """
    token = await _created(server) if token is None else token
    if token is None:
        yield lambda message: None
        return
    shown = server.work_done_progress
    shown.begin(token, types.WorkDoneProgressBegin(title=title, cancellable=True))
    task, loop = asyncio.current_task(), asyncio.get_running_loop()

    def ended(future: Future[Any]) -> None:
        if future.cancelled() and task is not None:
            loop.call_soon_threadsafe(task.cancel)

    shown.tokens[token].add_done_callback(ended)
    try:
        yield _throttled(lambda message: shown.report(token, types.WorkDoneProgressReport(message=message)))
    finally:
        shown.tokens.pop(token, None)
        shown.end(token, types.WorkDoneProgressEnd())


async def _created(server: Server) -> str | None:
    window = server.client_capabilities.window
    if not (window and window.work_done_progress):
        return None
    token = str(uuid.uuid4())
    # Not cancelled with us: the answer to a request that was given up is an error to pygls.
    creation = asyncio.ensure_future(server.work_done_progress.create_async(token))
    await asyncio.wait({creation}, timeout=_ANSWER_WITHIN)
    if not creation.done() or creation.exception() is not None:
        log.warning("the client shows no progress: %s", creation.exception() if creation.done() else "no answer")
        return None
    return token


def _throttled(show: Callable[[str], None]) -> Callable[[str], None]:
    last = 0.0

    def report(message: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _REPORT_EVERY:
            last = now
            show(message)

    return report
