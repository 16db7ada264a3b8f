"""Several streams of events as one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")


async def merged(streams: Sequence[AsyncGenerator[T, None]]) -> AsyncGenerator[T, None]:
    """Yield what any of the streams yields, as it comes. An error in one ends all; so does closing this one."""
    if len(streams) == 1:
        async with aclosing(streams[0]) as events:
            async for event in events:
                yield event
        return
    waiting: asyncio.Queue[T | Exception | None] = asyncio.Queue()

    async def follow(stream: AsyncGenerator[T, None]) -> None:
        try:
            async with aclosing(stream) as events:
                async for event in events:
                    waiting.put_nowait(event)
        except Exception as error:
            waiting.put_nowait(error)
        else:
            waiting.put_nowait(None)

    tasks = [asyncio.create_task(follow(stream)) for stream in streams]
    try:
        running = len(tasks)
        while running:
            news = await waiting.get()
            if isinstance(news, Exception):
                raise news
            if news is None:
                running -= 1
            else:
                yield news
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
