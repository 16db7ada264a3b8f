"""Makes a prompt fit a model's context: what is farthest from the request goes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from . import prompt
from .engines.base import Engine
from .request import Message, Request

FRAME = 64  # tokens that a chat template may add


async def fitted(engine: Engine, request: Request, max_tokens: int) -> tuple[Message, ...]:
    """The prompt with as much of the file's code as leaves room for the answer. Raises EngineError."""
    for smaller in _smaller(request):
        messages = prompt.full(smaller)
        if await room(engine, messages) >= max_tokens:
            break
    return messages


async def room(engine: Engine, messages: Sequence[Message]) -> int:
    """How many tokens the context has left for the answer, at least. Raises EngineError."""
    text = "\n".join(message.content for message in messages)
    size = len(text.encode("utf-8", "replace"))
    if size > engine.context_length // 4:  # a token is a byte at least: short texts need no counting
        size = await engine.count_tokens(text)
    return engine.context_length - FRAME - size


def _smaller(request: Request) -> Iterator[Request]:
    """The request, then with half the lines before it each time, then without names."""
    yield request
    lines = request.nearby.splitlines()
    while len(lines) > 1:
        lines = lines[len(lines) // 2 :]
        yield replace(request, nearby="\n".join(lines))
    yield replace(request, nearby="")
    yield replace(request, nearby="", names=())
