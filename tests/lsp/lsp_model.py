"""A model behind an OpenAI-compatible address, which answers what the test tells it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
MODELS = b'{"object": "list", "data": [{"id": "m", "object": "model", "created": 0, "owned_by": "us"}]}'
LIST = HEAD.replace(b"text/event-stream", b"application/json") + MODELS


@asynccontextmanager
async def model(answers: Sequence[str]) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """Its address, and the requests that it got. It gives the answers in turn, the last one again and again."""
    asked: list[dict[str, Any]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        if head.startswith("get "):  # which models there are
            writer.write(LIST)
            await writer.drain()
            writer.close()
            return
        asked.append(json.loads(await reader.readexactly(int(head.split("content-length:")[1].split()[0]))))
        text = answers[min(len(asked), len(answers)) - 1]
        writer.write(HEAD + _event({"content": text}, None) + _event({}, "stop") + b"data: [DONE]\n\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", asked
    finally:
        server.close()


def _event(delta: dict[str, str], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    event = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    return b"data: " + json.dumps(event).encode() + b"\n\n"
