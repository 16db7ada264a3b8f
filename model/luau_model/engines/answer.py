"""One answer of an engine, read to its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from .base import Completion, Done, Engine, Token


class Answer:
    """What has come of an answer so far: its text, how many tokens that is, and the end once it is there."""

    def __init__(self) -> None:
        self.text = ""
        self.tokens = 0
        self.done: Done | None = None

    async def read(self, engine: Engine, completion: Completion) -> AsyncGenerator[str, None]:
        """Ask for the answer, and yield each piece of text as it comes. Iterate within ``contextlib.aclosing``.

        Raises EngineError.
        """
        async with aclosing(engine.stream(completion)) as events:
            async for event in events:
                self.take(event)
                if isinstance(event, Token):
                    yield event.text

    def take(self, event: Token | Done) -> None:
        """Go on by what an engine yields."""
        if isinstance(event, Token):
            self.text += event.text
            self.tokens += event.tokens
        else:
            self.done = event
