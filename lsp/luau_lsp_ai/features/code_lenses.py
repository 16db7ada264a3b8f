"""Code lenses: Generate above comments that read like a request, and the file's scores at its top. Both are opt-in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from ..comments import asks_for_code
from ..documents import Document
from ..server import Server
from ..settings import SECTION
from ..works import Answer, Argument, argument_of, scores
from . import write

SCORES = "scores"


def register(server: Server) -> None:
    """Serve the lenses, and the scores."""

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions())
    async def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
        document = server.document(params.text_document.uri)
        if document is None:
            return []
        lenses = list(_generate(document)) if server.settings.generate_lens else []
        if server.settings.scores_lens:
            lenses.insert(0, _lens(0, _sentence(await _scores(document)), SCORES, {"uri": document.uri}))
        return lenses

    @server.feature(f"{SECTION}/{SCORES}")
    async def request(params: Any) -> Answer:
        return await _scores(_open(server, argument_of(params)))

    @server.command(f"{SECTION}.{SCORES}")
    async def command(*arguments: Any) -> Answer:
        found = await _scores(_open(server, argument_of(arguments[0] if arguments else None)))
        server.say(_sentence(found))
        return found


def refresh(server: Server) -> None:
    """Let the client ask for the lenses anew, as after a change of the settings."""
    workspace = server.client_capabilities.workspace
    if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
        server.start(server.workspace_code_lens_refresh_async(None))


def _open(server: Server, argument: Argument) -> Document:
    document = server.document(str(argument.get("uri")))
    if document is None:
        raise JsonRpcInvalidParams("The parameters need an open document.")
    return document


def _generate(document: Document) -> Iterator[types.CodeLens]:
    text = document.text
    for comment in text.comments:
        below = text.line_of(comment.end) + 1
        is_free = below >= len(text.starts) or not text.data[text.starts[below] : text.line_end(below)].strip()
        if is_free and asks_for_code(comment.request):
            line = text.line_of(comment.start)
            yield _lens(line, "Generate", write.GENERATE, {"uri": document.uri, "line": line})


def _lens(line: int, title: str, name: str, argument: dict[str, Any]) -> types.CodeLens:
    place = types.Position(line, 0)
    return types.CodeLens(types.Range(place, place), types.Command(title, f"{SECTION}.{name}", arguments=[argument]))


async def _scores(document: Document) -> dict[str, float]:
    return await asyncio.to_thread(_score, document.text.source)


def _score(source: str) -> dict[str, float]:
    from luau_scorers.score import score

    return scores(score(source))


def _sentence(found: dict[str, float]) -> str:
    return "Scores: " + ", ".join(f"{name} {value:.2f}" for name, value in found.items())
