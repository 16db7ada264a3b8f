"""Long work that a client asks for: as a request that is answered at its end, and as a command that is not."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcInvalidParams

from .server import Server
from .settings import SECTION

if TYPE_CHECKING:
    from luau_scorers.score import Report

Argument = Mapping[str, Any]
Answer = dict[str, Any]
# Checks its argument when it is called, and works when it is awaited.
Work = Callable[[Argument], Coroutine[Any, Any, Answer]]


def offer(server: Server, name: str, work: Work) -> None:
    """Serve the request ``luau-lsp-ai/name`` and the command ``luau-lsp-ai.name``.

    Some editors stand still until a command is answered, so it is answered at once; but not to a client that takes no
    edits, which gets what comes of it in the answer.
    """

    async def request(params: Any) -> Answer:
        return await work(argument_of(params))

    async def command(*arguments: Any) -> Answer | None:
        task = server.start(work(arguments[0] if arguments and isinstance(arguments[0], dict) else {}))
        return None if can_apply_edits(server) else await task

    server.feature(f"{SECTION}/{name}")(request)
    server.command(f"{SECTION}.{name}")(command)


def argument_of(params: object) -> Argument:
    """A request's parameters as a command's argument: with ``uri`` beside ``textDocument``."""
    argument = params if isinstance(params, dict) else {}
    document = argument.get("textDocument")
    return {**argument, "uri": document.get("uri")} if isinstance(document, dict) else argument


def place_of(argument: Argument) -> tuple[str, int]:
    """The argument's ``uri`` and ``line``. Raises JsonRpcInvalidParams."""
    uri, line = argument.get("uri"), argument.get("line")
    if not isinstance(uri, str) or not isinstance(line, int) or line < 0:
        raise JsonRpcInvalidParams("The parameters need a document and a line.")
    return uri, line


def can_apply_edits(server: Server) -> bool:
    """Does the client let us edit its documents?"""
    workspace = server.client_capabilities.workspace
    return bool(workspace and workspace.apply_edit)


def answer(
    applied: bool, script: str | None = None, reasons: tuple[str, ...] = (), notes: tuple[str, ...] = ()
) -> Answer:
    """What the requests that write a script are answered with."""
    return {"applied": applied, "script": script, "reasons": list(reasons), "notes": list(notes)}


def scores(report: Report) -> dict[str, float]:
    """The four scores and their composite, from 0 to 1."""
    return {name: getattr(report, name) for name in ("syntax", "api", "bugs", "quality", "composite")}
