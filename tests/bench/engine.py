"""What the embedded engine costs beside the raw library, and the figures that its choices rest on.

    python tests/bench/engine.py throughput 17M 100M 1B     through our engine / llama-cpp-python, same file
    python tests/bench/engine.py prefix 1B                  first token, with and without what is kept on disk
    python tests/bench/engine.py candidates 100M 1B         four answers together / one after another, by our engine
    python tests/bench/engine.py mend 100M 1B               mending code, with what comes next guessed from the prompt
    python tests/bench/engine.py batch 100M 1B              a step of several tokens / a step of one
    python tests/bench/engine.py cache 100M                 kinds of attention cache, with and without flash attention

The models have random weights in real shapes and are made on the spot; ``shipped`` is the model of the package, whose
answers are constrained. The 7B shape takes 4.4 GB of disk and 6 GB of memory. What is compared is run in turns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import shapes
from luau_model import machine
from luau_model.engines.answer import Answer
from luau_model.engines.base import AT_ONCE, Completion
from luau_model.engines.embedded import SMALL_MODEL, EmbeddedEngine
from luau_model.known import MODEL, Knowledge
from luau_model.request import Message
from mends import mends

ROUNDS, PAIRS = 3, 9
TOKENS = {"17M": 200, "100M": 100, "1B": 40, "7B": 16, "shipped": 200}
SYSTEM = Message("system", "You write Luau for Roblox games. Answer with one complete script and nothing else. " * 6)
RAW = """
import json, sys, time
import llama_cpp
path, threads, tokens, messages = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4])
llama = llama_cpp.Llama(path, n_ctx=4096, n_threads=threads, n_threads_batch=threads, flash_attn=True, verbose=False)
for number in range(3):
    times = []
    busy = 0.0
    for chunk in llama.create_chat_completion(messages, max_tokens=tokens, temperature=0.7, seed=number, stream=True):
        if chunk["choices"][0]["delta"].get("content"):
            times.append(time.perf_counter())
            busy = busy or time.process_time()
    print((len(times) - 1) / (times[-1] - times[0]), (len(times) - 1) / (time.process_time() - busy))
"""


@dataclass(frozen=True)
class Rate:
    """Tokens a second of an answer from its first token on: by the clock, and by the time that processors worked."""

    clock: float
    work: float


def completion(name: str, seed: int) -> Completion:
    """What is asked of a model: of the shipped one a script that it knows."""
    if name == "shipped":
        task = Knowledge.load().task("sprint when holding shift")
        return Completion(task.messages, TOKENS[name], 0.7, seed, task.prefix)
    return Completion((Message("user", "a door"),), TOKENS[name], 0.7, seed, constrained=False)


def threads_for(path: Path) -> int:
    """As many as the engine takes."""
    measurement = machine.measured()
    return 1 if path.stat().st_size < SMALL_MODEL or measurement is None else measurement.threads


async def ours(name: str, path: Path) -> list[Rate]:
    """Three answers through our engine."""
    engine = EmbeddedEngine(path)
    rates = []
    for seed in range(3):
        answer = Answer()
        async with aclosing(answer.read(engine, completion(name, seed))) as pieces:
            await anext(pieces)
            began, busy, first = time.perf_counter(), worked(engine), answer.tokens
            async for _ in pieces:
                ended = time.perf_counter()
        tokens = answer.tokens - first
        rates.append(Rate(tokens / (ended - began), tokens / (worked(engine) - busy)))
    await engine.close()
    return rates


def worked(engine: EmbeddedEngine) -> float:
    """Seconds that processors worked for the engine: in its process, and in this one."""
    return time.process_time() + sum(psutil.Process(engine.pid).cpu_times()[:2])


def raw(name: str, path: Path) -> list[Rate]:
    """The same through llama-cpp-python alone, unconstrained."""
    wanted = completion(name, 0)
    messages = json.dumps([{"role": message.role, "content": message.content} for message in wanted.messages])
    command = [sys.executable, "-c", RAW, str(path), str(threads_for(path)), str(wanted.max_tokens), messages]
    environment = {"OMP_WAIT_POLICY": "passive", **os.environ}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return [Rate(*map(float, line.split())) for line in done.stdout.splitlines()]


def throughput(name: str, path: Path) -> None:
    """Print the best rates, since what else the machine does can only make one slower, and the median of the ratios of
    pairs that ran one right after the other.
    """
    pairs = [(asyncio.run(ours(name, path)), raw(name, path)) for _ in range(1 if name == "7B" else PAIRS)]
    for what in ("clock", "work"):
        best = [tuple(max(getattr(rate, what) for rate in rates) for rates in pair) for pair in pairs]
        mine, theirs = map(max, zip(*best, strict=True))
        ratio = statistics.median(our / their for our, their in best)
        print(f"{name:8} by {what:5}: ours {mine:8.1f} tokens/s, raw library {theirs:8.1f}, ratio {ratio:.2f}")


def prefix(name: str, path: Path) -> None:
    """Print the wait for the first token in a new process, without and with a prefix on disk."""

    async def first(text: str) -> tuple[float, int]:
        engine = EmbeddedEngine(path)
        await engine.count_tokens("x")
        started = time.perf_counter()
        wanted = Completion((SYSTEM, Message("user", text)), max_tokens=2, constrained=False)
        async with aclosing(engine.stream(wanted)) as events:
            await anext(events)
            seconds = time.perf_counter() - started
            async for event in events:
                tokens = getattr(event, "prompt_tokens", 0)
        await engine.close()
        return seconds, tokens

    with tempfile.TemporaryDirectory() as folder:
        os.environ[machine.CACHE_VARIABLE] = folder
        (cold, tokens), (warm, _) = asyncio.run(first("a door")), asyncio.run(first("a coin"))
        size = sum(file.stat().st_size for file in Path(folder).glob("prefixes/*"))
        del os.environ[machine.CACHE_VARIABLE]
    print(
        f"{name:8} prompt of {tokens} tokens: first token after {cold:.2f} s cold, {warm:.2f} s with a warm prefix, "
        f"ratio {warm / cold:.2f}; {size / 1e6:.1f} MB on disk"
    )


def candidates(name: str, path: Path) -> None:
    """Print how long four answers take that are written together, and one after another."""

    async def seconds(engine: EmbeddedEngine, at_once: int) -> float:
        started = time.perf_counter()
        for first in range(0, AT_ONCE, at_once):
            wanted = [completion(name, seed) for seed in range(first, first + at_once)]
            async with aclosing(engine.streams(wanted)) as events:
                async for _ in events:
                    pass
        return time.perf_counter() - started

    async def compare() -> None:
        engine = EmbeddedEngine(path)
        chosen = await engine.at_once(all_wanted=True)
        rounds = [(await seconds(engine, AT_ONCE), await seconds(engine, 1)) for _ in range(ROUNDS)]
        await engine.close()
        together, apart = map(min, zip(*rounds, strict=True))
        print(
            f"{name:8} {AT_ONCE} answers: {together:.2f} s together, {apart:.2f} s one after another, so "
            f"{apart / together:.2f} times as fast; the engine's own choice is {chosen} at once"
        )

    asyncio.run(compare())


def batch(name: str, path: Path) -> None:
    """Print what a step of several tokens costs: of several answers at once, or of one that was guessed."""
    step = _Steps(path)
    one = step.seconds(1, answers=True)
    for count in (2, 4, 8):
        answers, guessed = step.seconds(count, answers=True) / one, step.seconds(count, answers=False) / one
        print(
            f"{name:8} {count} answers at once: {answers:.2f} times the time of one, so {count / answers:.2f} times as "
            f"fast; {count} guessed tokens: {guessed:.2f} times, so at best {count / guessed:.2f} times as fast"
        )


def mend(name: str, path: Path) -> None:
    """Print how much faster code is mended with guessed tokens: the steps of real mends, at what such steps take."""
    step = _Steps(path)
    counts = (1, 2, 4, 8, 16, 32)
    seconds = [step.seconds(count, answers=False) for count in counts]
    asked = mends()
    written = sum(len(each.answer) - 1 for each in asked)
    steps = [count for each in asked for count in each.steps()]
    ratio = written * seconds[0] / sum(np.interp(steps, counts, seconds))
    print(
        f"{name:8} {len(asked)} mends of {written / len(asked):.0f} tokens: {written / len(steps):.1f} tokens a step, "
        f"{ratio:.2f} times as fast as one by one"
    )


def cache(name: str, path: Path) -> None:
    """Print reading and writing speed 1,024 tokens into the context, by kind of cache."""
    for _ in range(2):
        for kind, number, flash in (("f16", 1, 1), ("f16", 1, 0), ("q8_0", 8, 1)):
            step = _Steps(path, kind=number, flash=flash, depth=1024)
            print(
                f"{name:8} {kind:4} {'with' if flash else 'without'} flash attention: reads {step.read:.0f} tokens/s, "
                f"writes {1 / step.seconds(1, answers=True):.1f}"
            )


class _Steps:
    """Steps of the raw library, each of several tokens, after ``depth`` tokens."""

    def __init__(self, path: Path, *, kind: int = 1, flash: int = 1, depth: int = 128) -> None:
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        from llama_cpp import llama_cpp as api

        self._api: Any = api
        self._log = api.llama_log_callback(lambda *_: None)
        api.llama_log_set(self._log, None)
        threads = threads_for(path)
        model = api.llama_model_load_from_file(str(path).encode(), api.llama_model_default_params())
        options = api.llama_context_default_params()
        options.n_ctx, options.n_seq_max, options.kv_unified = 4096, 8, True
        options.n_threads = options.n_threads_batch = threads
        options.type_k = options.type_v = kind
        options.flash_attn_type = flash
        self._context = api.llama_init_from_model(model, options)
        self._memory = api.llama_get_memory(self._context)
        self._batch = api.llama_batch_init(512, 0, 8)
        self._depth = depth
        started = time.perf_counter()
        for start in range(0, depth, 128):
            self._decode([(300 + place % 100, place, 0) for place in range(start, start + 128)])
        self.read = depth / (time.perf_counter() - started)
        for sequence in range(1, 8):
            api.llama_memory_seq_cp(self._memory, 0, sequence, -1, -1)

    def seconds(self, count: int, *, answers: bool) -> float:
        """The shortest of ten steps, of one token each of ``count`` answers or of ``count`` tokens of one."""
        times = []
        for _ in range(10):
            started = time.perf_counter()
            self._decode([(400, self._depth + (0 if answers else i), i if answers else 0) for i in range(count)])
            times.append(time.perf_counter() - started)
            for sequence in range(8):
                self._api.llama_memory_seq_rm(self._memory, sequence, self._depth, -1)
        return min(times)

    def _decode(self, tokens: list[tuple[int, int, int]]) -> None:
        batch = self._batch
        batch.n_tokens = len(tokens)
        for place, (token, position, sequence) in enumerate(tokens):
            batch.token[place], batch.pos[place], batch.logits[place] = token, position, 1
            batch.n_seq_id[place], batch.seq_id[place][0] = 1, sequence
        assert self._api.llama_decode(self._context, batch) == 0
        self._api.llama_get_logits_ith(self._context, len(tokens) - 1)


def main() -> None:
    """Run one comparison for each shape."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    comparisons: dict[str, Callable[[str, Path], None]] = {
        "throughput": throughput, "prefix": prefix, "candidates": candidates, "batch": batch, "mend": mend,
        "cache": cache,
    }  # fmt: skip
    parser.add_argument("what", choices=comparisons)
    parser.add_argument("shapes", nargs="+", choices=[*shapes.SHAPES, "shipped"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.shapes:
            made = MODEL if name == "shipped" else shapes.write(Path(folder) / f"{name}.gguf", shapes.SHAPES[name])
            comparisons[arguments.what](name, made)
            if made != MODEL:
                made.unlink()


if __name__ == "__main__":
    main()
