"""How fast an engine is: the wait for the first token, and tokens a second, with several requests in flight."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from contextlib import aclosing
from dataclasses import dataclass

from .. import prompt
from ..request import Request
from .base import Completion, Done, Engine, Token

_ASKED = (
    "a door that opens",
    "a coin to collect",
    "a sword",
    "a shop",
    "a round timer",
    "a checkpoint",
    "a car",
    "a pet",
)


@dataclass(frozen=True)
class Speed:
    """Of requests that were in flight together. ``tokens_per_second`` is that of all of them."""

    in_flight: int
    first_token_seconds: float
    slowest_first_token_seconds: float
    tokens_per_second: float
    answer_tokens: int
    seconds: float


async def measure(engine: Engine, in_flight: int, max_tokens: int) -> Speed:
    """Ask for as many scripts at once, each for something else. Raises EngineError."""
    started = time.perf_counter()
    answers = await asyncio.gather(*(_answer(engine, number, max_tokens) for number in range(in_flight)))
    seconds = time.perf_counter() - started
    waits = [wait for wait, _ in answers]
    tokens = sum(count for _, count in answers)
    return Speed(in_flight, statistics.median(waits), max(waits), tokens / seconds, tokens, seconds)


async def warm_up(engine: Engine) -> None:
    """Load the model and read what all prompts have in common. Raises EngineError."""
    await _answer(engine, 0, 1)


_NUMBERS = itertools.count(1)  # no request is like an earlier one, which a server may remember


async def _answer(engine: Engine, number: int, max_tokens: int) -> tuple[float, int]:
    """Seconds to the first token, and how many there were."""
    text = f"{_ASKED[number % len(_ASKED)]} number {next(_NUMBERS)}"
    wanted = Completion(prompt.full(Request(text)), max_tokens=max_tokens, temperature=0.7, seed=number)
    started = time.perf_counter()
    first: float | None = None
    tokens = 0
    async with aclosing(engine.stream(wanted)) as events:
        async for event in events:
            if isinstance(event, Token) and first is None:
                first = time.perf_counter() - started
            elif isinstance(event, Done):
                tokens = event.answer_tokens
    return first if first is not None else time.perf_counter() - started, tokens
