"""Many requests to the embedded model at once: one engine a processor."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from luau_model.engines.embedded import EmbeddedEngine

_In = TypeVar("_In")
_Out = TypeVar("_Out")


async def on_engines(
    model: Path, work: Callable[[EmbeddedEngine, _In], Awaitable[_Out]], tasks: Sequence[_In]
) -> list[_Out]:
    """The result of ``work`` for each task, in their order."""
    engines = [EmbeddedEngine(model) for _ in range(os.cpu_count() or 1)]
    free: asyncio.Queue[EmbeddedEngine] = asyncio.Queue()
    for engine in engines:
        free.put_nowait(engine)

    async def one(task: _In) -> _Out:
        engine = await free.get()
        try:
            return await work(engine, task)
        finally:
            free.put_nowait(engine)

    try:
        return await asyncio.gather(*(one(task) for task in tasks))
    finally:
        for engine in engines:
            await engine.close()
