"""Much code around a request never makes it fail: what is farthest from it is left out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from luau_model import prompt
from luau_model.engines.embedded import EmbeddedEngine
from luau_model.fit import fitted, room
from luau_model.generate import Outcome, generate
from luau_model.request import Options, Request

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def engine(tiny: Path) -> AsyncIterator[EmbeddedEngine]:
    """A model that takes 1,024 tokens."""
    engine = EmbeddedEngine(tiny, context_limit=1024)
    yield engine
    await engine.close()


def request(lines: int) -> Request:
    return Request("a door", names=("open", "close"), nearby="\n".join(f"local line{n} = {n}" for n in range(lines)))


async def test_what_fits_stays_whole(engine: EmbeddedEngine) -> None:
    assert await fitted(engine, request(3), 100) == prompt.full(request(3))


@pytest.mark.parametrize("lines", [80, 1000])
async def test_the_lines_before_go_first(engine: EmbeddedEngine, lines: int) -> None:
    messages = await fitted(engine, request(lines), 100)
    text = messages[-1].content
    assert f"line{lines - 1} " in text
    assert "line0 " not in text
    assert "Request: a door" in text
    assert await room(engine, messages) >= 100


async def test_one_line_that_is_too_long_goes_too(engine: EmbeddedEngine) -> None:
    text = (await fitted(engine, Request("a door", nearby="x" * 5000), 100))[-1].content
    assert text == "Request: a door"


async def test_a_request_in_the_midst_of_much_code_is_answered(engine: EmbeddedEngine) -> None:
    events = [event async for event in generate(engine, request(1000), Options(candidates=1, max_tokens=200))]
    assert isinstance(events[-1], Outcome)
