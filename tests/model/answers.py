"""Asking engines in tests."""

from __future__ import annotations

from contextlib import aclosing

from luau_model.engines.answer import Answer
from luau_model.engines.base import Completion, Done, Engine
from luau_model.request import Message

SYSTEM = Message("system", "You write Luau for Roblox games. Answer with one complete script and nothing else. " * 4)


def completion(
    text: str = "a kill brick",
    *,
    system: Message | None = SYSTEM,
    max_tokens: int = 40,
    temperature: float = 0.8,
    seed: int = 1,
    constrained: bool = False,
) -> Completion:
    """A completion with a system message of a few hundred tokens."""
    messages = (*([system] if system else []), Message("user", text))
    return Completion(messages, max_tokens=max_tokens, temperature=temperature, seed=seed, constrained=constrained)


async def answer(engine: Engine, wanted: Completion) -> tuple[str, Done]:
    """The whole text, and the end."""
    answer = Answer()
    async with aclosing(answer.read(engine, wanted)) as pieces:
        async for _ in pieces:
            assert answer.done is None
    assert answer.done is not None
    return answer.text, answer.done
