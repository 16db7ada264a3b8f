"""Several answers that are written at once, a token of each in one step of the model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
from answers import SYSTEM, answer, completion
from luau_model.engines.answer import Answer
from luau_model.engines.base import Completion, Done, EngineError, Token
from luau_model.engines.embedded import EmbeddedEngine
from luau_model.request import Message
from walker import Walker

pytestmark = pytest.mark.asyncio


async def answers(engine: EmbeddedEngine, wanted: Sequence[Completion]) -> list[tuple[str, Done]]:
    """The texts and ends; an answer is told nothing of after its end."""
    told = [Answer() for _ in wanted]
    async with aclosing(engine.streams(wanted)) as events:
        async for number, event in events:
            assert told[number].done is None
            told[number].take(event)
    for each in told:
        assert each.done is not None
        assert each.tokens == each.done.answer_tokens - (each.done.finish == "stop")
    return [(each.text, each.done) for each in told if each.done is not None]


async def texts(model: Path, wanted: Sequence[Completion], **options: int) -> list[str]:
    """The texts of a new process."""
    engine = EmbeddedEngine(model, **options)  # type: ignore[arg-type]
    try:
        return [text for text, _ in await answers(engine, wanted)]
    finally:
        await engine.close()


SEVERAL = [completion(seed=seed, max_tokens=60) for seed in range(4)]


async def test_each_is_what_it_is_alone(tiny: Path) -> None:
    short = [replace(each, max_tokens=12) for each in SEVERAL]  # rounding adds up, and noise is soon another one
    begun = [replace(short[0], prefix="local x"), replace(short[1], prefix="return"), *short[2:]]
    for wanted in (short, begun):
        together = await texts(tiny, wanted)
        assert together == [(await texts(tiny, [each]))[0] for each in wanted]
        assert len(set(together)) == 4


async def test_an_answer_ends_and_the_others_go_on(tiny: Path, chain: Path) -> None:
    lengths = (3, 50, 1, 20)
    engine = EmbeddedEngine(tiny)
    ends = [done for _, done in await answers(engine, [completion(max_tokens=length) for length in lengths])]
    await engine.close()
    assert tuple(done.answer_tokens for done in ends) == lengths
    assert {done.finish for done in ends} == {"length"}
    ended = await texts(
        chain, [replace(each, prefix=begun) for each, begun in zip(SEVERAL, ("", "é", "é漢", ""), strict=True)]
    )
    assert ended == ["é漢🙂!", "漢🙂!", "🙂!", "é漢🙂!"]


async def test_pieces_of_all_come_while_they_are_written(large: Path) -> None:
    engine = EmbeddedEngine(large)
    async with aclosing(engine.streams(SEVERAL)) as events:
        order = [number async for number, event in events if isinstance(event, Token)]
    await engine.close()
    assert set(order[:8]) == {0, 1, 2, 3}


async def test_a_group_repeats_whatever_was_asked_before(tiny: Path) -> None:
    fresh = await texts(tiny, SEVERAL)
    engine = EmbeddedEngine(tiny)
    for _ in range(2):
        await answer(engine, completion("a door"))
        assert [text for text, _ in await answers(engine, SEVERAL)] == fresh
        await answers(engine, SEVERAL[:2])
    await engine.close()


@pytest.mark.parametrize("limit", [600, 780])
async def test_what_does_not_fit_side_by_side_is_written_later(tiny: Path, limit: int) -> None:
    wanted = [completion(system=None, seed=seed, max_tokens=200) for seed in range(4)]
    assert await texts(tiny, wanted, context_limit=limit) == await texts(tiny, wanted)


async def test_constrained_answers_keep_to_the_grammar_each_on_its_own(tiny: Path, walker: Walker) -> None:
    wanted = [completion(seed=seed, max_tokens=100, temperature=1.5, constrained=True) for seed in range(4)]
    engine = EmbeddedEngine(tiny)
    for text, done in await answers(engine, wanted):
        assert walker.rejected(text, whole=done.finish == "stop") is None
    await engine.close()


async def test_all_are_cancelled_at_once_and_the_next_is_as_fresh(large: Path) -> None:
    engine = EmbeddedEngine(large)
    fresh, _ = await answer(engine, completion(max_tokens=20))
    events = engine.streams([replace(each, max_tokens=500) for each in SEVERAL])
    for _ in range(6):
        await anext(events)
    await events.aclose()
    async with asyncio.timeout(1):
        assert await engine.count_tokens("x") == 1  # answered when the worker is free again
    assert (await answer(engine, completion(max_tokens=20)))[0] == fresh
    await engine.close()


async def test_too_long_is_refused_for_all(tiny: Path) -> None:
    engine = EmbeddedEngine(tiny)
    with pytest.raises(EngineError, match=r"tokens long, .* takes 2048 in all"):
        await answers(engine, [replace(each, messages=(SYSTEM, Message("user", "x" * 9000))) for each in SEVERAL])
    assert len(await answers(engine, SEVERAL)) == 4
    await engine.close()


@pytest.mark.parametrize(("cost", "all_wanted", "first_wanted"), [(1.2, 4, 4), (3.0, 4, 1), (3.9, 1, 1)])
async def test_the_machine_decides_how_many_at_once(
    large: Path, cache: Path, cost: float, all_wanted: int, first_wanted: int
) -> None:
    measurement = {**json.loads((cache / "machine.json").read_text()), "several_answers": cost}
    (cache / "machine.json").write_text(json.dumps(measurement))
    engine = EmbeddedEngine(large)
    assert await engine.at_once(all_wanted=True) == all_wanted
    assert await engine.at_once(all_wanted=False) == first_wanted
    await engine.close()


async def test_a_small_model_is_faster_one_after_another(tiny: Path) -> None:
    engine = EmbeddedEngine(tiny)
    assert await engine.at_once(all_wanted=True) == 1
    await engine.close()
