"""A model on this machine, in a child process of its own (see worker.py), started when it is first needed."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import math
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

from .. import gguf_header, machine
from . import memory
from .base import AT_ONCE, Completion, Done, EngineError, Load, State, Token
from .child import NO_MEMORY, Child, Message

SMALL_MODEL = 64 * 2**20  # bytes; with less to compute, threads wait for each other longer than they work
MOST_THREADS = 8  # where they can't be measured
# Of the time that one token takes, what a token of each of several answers may take: so that answers are written
# together where all are wanted, as a share of one after another; and where the first good one is.
WELL_BELOW = 0.9
HARDLY_MORE = 1.5


class EmbeddedEngine:
    """An Engine over a GGUF file, with a LoRA adapter in GGUF format where one is given.

    The process is unloaded after ``idle_seconds`` without work, and is taken to hang after ``silence_seconds`` without
    a sign of life. ``threads`` 0: as many as are fastest on this machine; a small model has one.
    """

    def __init__(
        self,
        model: Path,
        *,
        lora: Path | None = None,
        context_limit: int = machine.CONTEXT,
        threads: int = 0,
        idle_seconds: float = 600,
        silence_seconds: float = 20,
    ) -> None:
        self._model = model
        self._lora = lora
        self._context_length = context_limit
        self._threads = threads
        self._limit = context_limit
        self._idle_seconds = idle_seconds
        self._silence_seconds = silence_seconds
        self._cost_of_several = math.inf  # in tokens of one answer: a token of each of AT_ONCE answers
        self._name = model.stem
        self._state = State.STOPPED
        self._child: Child | None = None
        self._lock = asyncio.Lock()
        self._closing = False
        self._idle: asyncio.Task[None] | None = None

    @property
    def state(self) -> State:
        """Where the engine is in its life."""
        died = self._state is State.READY and not (self._child and self._child.alive)
        return State.STOPPED if died else self._state

    @property
    def name(self) -> str:
        """The name in the model's file; before it was loaded once, the file's name."""
        return self._name

    @property
    def context_length(self) -> int:
        """In tokens; before the model was loaded once, the limit that was asked for."""
        return self._context_length

    @property
    def pid(self) -> int | None:
        """The process that holds the model, None while there is none."""
        return self._child.pid if self._child and self._child.alive else None

    async def at_once(self, *, all_wanted: bool) -> int:
        """How many answers to write together, as this machine was measured; see Engine.at_once."""
        async with self._lock:
            await self._loaded()
            self._rest()
        worth_it = WELL_BELOW * AT_ONCE if all_wanted else HARDLY_MORE
        return AT_ONCE if self._cost_of_several <= worth_it else 1

    async def stream(self, completion: Completion) -> AsyncGenerator[Token | Done, None]:
        """Yield the answer's tokens and then one Done; see Engine.stream."""
        async with aclosing(self.streams([completion])) as events:
            async for _, event in events:
                yield event

    async def streams(self, completions: Sequence[Completion]) -> AsyncGenerator[tuple[int, Token | Done], None]:
        """Yield several answers that are written together; see Engine.streams."""
        assert len({completion.messages for completion in completions}) == 1
        request = {"type": "complete", "completions": [dataclasses.asdict(completion) for completion in completions]}
        async with self._lock:
            child = await self._loaded()
            self._state = State.BUSY
            try:
                async with aclosing(child.ask(request)) as answers:
                    async for message in answers:
                        if message["type"] != "done":
                            yield message.get("number", 0), _event(message)
            finally:
                self._rest()

    async def count_tokens(self, text: str) -> int:
        """How many tokens of this model the text is; waits for a completion that runs. Raises EngineError."""
        async with self._lock:
            child = await self._loaded()
            try:
                return int((await child.ask_once({"type": "count", "text": text}))["tokens"])
            finally:
                self._rest()

    async def close(self) -> None:
        """End the process; who waits for an answer gets an EngineError. A later call of ``stream`` starts it anew."""
        self._closing = True
        try:
            if self._idle is not None:
                self._idle.cancel()
            if self._child is not None:
                await self._child.stop()
            async with self._lock:
                await self._unload()
        finally:
            self._closing = False

    async def _loaded(self) -> Child:
        """The running child, started where there is none. The lock is held."""
        if self._closing:
            raise EngineError("The model is being unloaded.")
        if self._idle is not None:
            self._idle.cancel()
        if self._child is not None and self._child.alive:
            return self._child
        self._state = State.STARTING if self._child is None else State.RESTARTING
        try:
            await self._start()
        except EngineError:
            await self._unload(State.FAILED)
            raise
        except asyncio.CancelledError:
            await self._unload()
            raise
        assert self._child is not None
        return self._child

    async def _start(self) -> None:
        if self._child is not None:
            await self._child.stop()
        _check(self._model, self._lora, self._limit)
        threads = await self._measured()
        wanted = Load(
            model=str(self._model.resolve()),
            lora=str(self._lora.resolve()) if self._lora else "",
            context_limit=self._limit,
            threads=self._threads or threads,
            prefixes=str(machine.cache() / "prefixes"),
        )
        self._child = await Child.spawn([json.dumps(dataclasses.asdict(wanted))], self._silence_seconds)
        message = await self._child.ready()
        if self._closing:
            raise EngineError("The model is being unloaded.")
        if message["type"] == "unusable":
            reason = str(message["reason"])
            if "alloc" in reason:
                raise EngineError(NO_MEMORY)
            if reason.startswith("LoRA: "):
                raise EngineError(
                    f"The model {self._model.name} can't be used with the adapter {self._lora} ({reason[6:]}): take "
                    "the model that the adapter was made for."
                )
            raise EngineError(
                f"The model file {self._model} can't be used ({reason}): download it again or choose another."
            )
        self._name = message["name"] or self._model.stem
        self._context_length = message["context_length"]
        if message["on_graphics_card"]:  # which reads the weights once for all answers, and computes in no time
            self._cost_of_several = 1.0

    async def _measured(self) -> int:
        """Find out what is best on this machine; returns the number of threads."""
        if self._model.stat().st_size < SMALL_MODEL:
            return 1
        measurement = await asyncio.to_thread(machine.measured)
        if measurement is None:
            return min(MOST_THREADS, os.cpu_count() or 1)
        self._cost_of_several = measurement.several_answers
        return measurement.threads

    def _rest(self) -> None:
        """After a request: wait for the next, but not for ever. The lock is held."""
        self._state = State.READY
        self._idle = asyncio.create_task(self._unload_later())

    async def _unload_later(self) -> None:
        await asyncio.sleep(self._idle_seconds)
        async with self._lock:
            await self._unload()

    async def _unload(self, state: State = State.STOPPED) -> None:
        child, self._child = self._child, None
        self._state = state
        if child is not None:
            await child.stop()


def _check(model: Path, lora: Path | None, context: int) -> None:
    """Raise EngineError where it is plain before loading that the model can't be."""
    for what, file in (("model", model), ("LoRA", lora)):
        if file is None:
            continue
        if not file.is_file():
            raise EngineError(f"There is no {what} file at {file}: choose another, or download this one.")
        if not os.access(file, os.R_OK):
            raise EngineError(f"The {what} file {file} can't be read: check its permissions.")
    try:
        header = gguf_header.read(model)
    except gguf_header.BadModelFile as error:
        raise EngineError(
            f"The model file {model} can't be used ({error}): download it again or choose another."
        ) from error
    needed = machine.memory_needed(model.stat().st_size, header.kv_bytes, context)
    free = memory.available()
    if free is not None and needed > free:
        raise EngineError(
            f"The model {model.name} needs about {needed / 2**30:.1f} GiB of memory and {free / 2**30:.1f} GiB are "
            "free: close other programs or choose a smaller model."
        )


def _event(message: Message) -> Token | Done:
    kind = message["type"]
    if kind == "token":
        return Token(message["text"], message["tokens"])
    if kind == "refused":
        raise EngineError(message["message"])
    names = [field.name for field in dataclasses.fields(Done)]
    return Done(**{name: message[name] for name in names})
