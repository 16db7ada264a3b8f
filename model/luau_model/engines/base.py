"""What every engine can do. The pipeline knows this and nothing else of where the tokens come from."""

from __future__ import annotations

import enum
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ..request import Message

AT_ONCE = 4  # answers that the embedded engine can write together


class State(enum.Enum):
    """Where an engine is in its life. FAILED needs a person; every other state leads on by itself."""

    STOPPED = "stopped"  # not started yet, or unloaded after a time without work
    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    RESTARTING = "restarting"
    FAILED = "failed"


class EngineError(Exception):
    """The engine cannot answer; the message is one sentence for the user that says what to do."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One completion to make. ``seed`` and ``temperature`` 0 make it repeatable; lengths are in tokens.

    ``prefix`` is how the answer begins: it is given, not written and not yielded. Servers know no such thing, so an
    http engine leaves it out.
    """

    messages: tuple[Message, ...]
    max_tokens: int = 1024
    temperature: float = 0.2
    seed: int = 0
    prefix: str = ""
    top_p: float = 1.0  # for servers; the embedded engine cuts off what is unlikely in its own way
    constrained: bool = True  # only tokens that the Luau grammar allows, where the engine can
    repeats: bool = False  # much of the prompt stands in the answer: what comes next can be guessed


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer, as it comes: whole characters of so many ``tokens``, or of none yet.

    Servers do not say how many they are; a piece of theirs counts as one.
    """

    text: str
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class Done:
    """The end of an answer. ``mean_logprob`` is over the answer's tokens, None where the engine can't tell."""

    finish: Literal["stop", "length"]
    prompt_tokens: int
    answer_tokens: int
    mean_logprob: float | None
    prompt_seconds: float
    answer_seconds: float


@dataclass(frozen=True, slots=True)
class Load:
    """What a worker process is to load: paths, and lengths in tokens. ``lora`` is empty for none."""

    model: str
    lora: str
    context_limit: int
    threads: int
    prefixes: str  # the folder that keeps what was read of prompts


class Engine(Protocol):
    """A source of completions. Where an engine can make only one at a time, a second call waits for the first."""

    @property
    def state(self) -> State: ...

    @property
    def name(self) -> str:
        """What the user knows the model by."""
        ...

    @property
    def context_length(self) -> int:
        """In tokens, prompt and answer together."""
        ...

    async def at_once(self, *, all_wanted: bool) -> int:
        """How many answers to write together: where ``all_wanted``, so many that all are there soonest; else so many
        that the first is there hardly later than alone. Raises EngineError.
        """
        ...

    def stream(self, completion: Completion) -> AsyncGenerator[Token | Done, None]:
        """Yield the answer, piece by piece, and then one Done.

        Cancelling the task that iterates, or closing the iterator, stops the model within 300 ms. Iterate within
        ``contextlib.aclosing``: an iterator that is left open keeps the engine busy.
        Raises EngineError when no answer can be had.
        """
        ...

    def streams(self, completions: Sequence[Completion]) -> AsyncGenerator[tuple[int, Token | Done], None]:
        """Yield several answers as they come, each event with its answer's place among them; else as ``stream``.

        They have the same messages. At most ``AT_ONCE``.
        """
        ...

    async def count_tokens(self, text: str) -> int:
        """How many tokens of this engine's model the text is; an estimate where it can't be known."""
        ...

    async def close(self) -> None:
        """Stop, and free what the engine holds. A later ``stream`` starts it anew."""
        ...
