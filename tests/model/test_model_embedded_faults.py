"""What goes wrong with a model's process, each for real: it is said in a sentence, and the next request is answered."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import models
import numpy as np
import psutil
import pytest
from answers import answer, completion
from luau_model.engines.base import EngineError, State
from luau_model.engines.embedded import EmbeddedEngine

pytestmark = pytest.mark.asyncio
SILENCE = 2.0  # seconds; a busy machine needs one to start a process at all
posix = pytest.mark.skipif(os.name != "posix", reason="signals")
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits a running process")


@asynccontextmanager
async def answering(model: Path, **options: float) -> AsyncIterator[tuple[EmbeddedEngine, asyncio.Task[object], int]]:
    """An engine in the middle of a long answer, the task that waits for it, and its process.

    Afterwards the engine must give the same answer as a fresh one.
    """
    engine = EmbeddedEngine(model, **options)  # type: ignore[arg-type]
    try:
        fresh, _ = await answer(engine, completion())
        task: asyncio.Task[object] = asyncio.create_task(answer(engine, completion(max_tokens=1500)))
        await asyncio.sleep(0.1)
        assert engine.state is State.BUSY
        assert engine.pid is not None
        yield engine, task, engine.pid
        assert (await answer(engine, completion()))[0] == fresh
    finally:
        await engine.close()


@posix
@pytest.mark.parametrize(
    ("number", "said"), [(signal.SIGKILL, "killed, most likely because memory ran out"), (signal.SIGSEGV, "(SIGSEGV")]
)
async def test_killed_while_answering(large: Path, number: signal.Signals, said: str) -> None:
    async with answering(large) as (engine, task, pid):
        os.kill(pid, number)
        with pytest.raises(EngineError) as caught:
            await task
        assert said in str(caught.value)
        assert engine.state is State.STOPPED


@posix
async def test_killed_while_idle(tiny: Path) -> None:
    engine = EmbeddedEngine(tiny)
    first, _ = await answer(engine, completion())
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)
    await asyncio.sleep(0.3)
    assert engine.state is State.STOPPED
    assert (await answer(engine, completion()))[0] == first
    await engine.close()


@posix
async def test_hangs_while_answering(large: Path) -> None:
    async with answering(large, silence_seconds=SILENCE) as (_, task, pid):
        os.kill(pid, signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(EngineError, match="stopped responding"):
            await task
        assert SILENCE / 2 < time.monotonic() - started < 3 * SILENCE
        assert not psutil.pid_exists(pid)


@posix
async def test_hangs_when_it_is_cancelled(large: Path) -> None:
    async with answering(large, silence_seconds=SILENCE) as (engine, task, pid):
        os.kill(pid, signal.SIGSTOP)
        task.cancel()
        gone = time.monotonic() + 3 * SILENCE
        while psutil.pid_exists(pid) and time.monotonic() < gone:
            await asyncio.sleep(0.05)
        assert not psutil.pid_exists(pid)
        assert engine.pid is None


@posix
async def test_a_long_prompt_is_no_hang(large: Path) -> None:
    engine = EmbeddedEngine(large, threads=1, silence_seconds=SILENCE)
    await engine.count_tokens("x")
    _, done = await answer(engine, completion("coin " * 380, max_tokens=1))
    assert done.prompt_seconds > SILENCE
    await engine.close()


@linux
async def test_memory_runs_out_in_the_child(large: Path) -> None:
    import resource

    async with answering(large) as (engine, task, pid):
        task.cancel()
        await engine.count_tokens("x")
        limit = psutil.Process(pid).memory_info().vms
        resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))
        with pytest.raises(EngineError, match="memory"):
            await answer(engine, completion("x" * 10**6))


async def test_too_little_memory_to_load(tiny: Path, tmp_path: Path) -> None:
    huge = tmp_path / "huge.gguf"
    huge.write_bytes(tiny.read_bytes())
    os.truncate(huge, 8 * 2**40)  # a hole: takes no space on the disk
    await fails(huge, r"needs about \d{4}.* GiB of memory and .* are free")


async def test_no_model_file(tmp_path: Path) -> None:
    await fails(tmp_path / "gone.gguf", "There is no model file at .*gone.gguf")


@pytest.mark.parametrize("size", [0, 3, 100, 3000, -1000])
async def test_a_truncated_model(tiny: Path, tmp_path: Path, size: int) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(tiny.read_bytes()[:size])
    await fails(cut, "cut.gguf can't be used .*download it again")


async def test_a_corrupt_model(tiny: Path, tmp_path: Path) -> None:
    content = bytearray(tiny.read_bytes())
    content[100:400] = os.urandom(300)
    corrupt = tmp_path / "corrupt.gguf"
    corrupt.write_bytes(content)
    await fails(corrupt, "corrupt.gguf can't be used|ended unexpectedly|memory")


async def test_weights_that_are_no_numbers(tmp_path: Path) -> None:
    size = len(models.vocabulary()[0])
    nan = np.full((size, 64), np.nan, np.float32)
    engine = EmbeddedEngine(models.random_model(tmp_path / "nan.gguf", add={"output.weight": nan}))
    for repeats in (False, True):
        with pytest.raises(EngineError, match="no sensible numbers, its file is damaged: download it again"):
            await answer(engine, dataclasses.replace(completion(), repeats=repeats))
    await engine.close()
    nan[: size // 2] = 0
    engine = EmbeddedEngine(models.random_model(tmp_path / "half.gguf", add={"output.weight": nan}))
    text, done = await answer(engine, completion())
    assert text
    assert done.answer_tokens > 1
    await engine.close()


async def test_mended_after_a_failed_start(tiny: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.write_text("not a model")
    engine = EmbeddedEngine(model)
    with pytest.raises(EngineError):
        await answer(engine, completion())
    model.unlink()
    model.write_bytes(tiny.read_bytes())
    await answer(engine, completion())
    assert engine.state is State.READY
    await engine.close()


async def fails(model: Path, said: str) -> None:
    """Starting fails with one sentence, and leaves no process."""
    engine = EmbeddedEngine(model)
    with pytest.raises(EngineError, match=said) as caught:
        await answer(engine, completion())
    assert "\n" not in str(caught.value)
    assert (engine.state, engine.pid) == (State.FAILED, None)


async def test_close_while_answering_and_waiting(large: Path) -> None:
    engine = EmbeddedEngine(large)
    await engine.count_tokens("x")
    tasks = [asyncio.create_task(answer(engine, completion(max_tokens=1500))) for _ in range(3)]
    await asyncio.sleep(0.2)
    started = time.monotonic()
    await engine.close()
    assert time.monotonic() - started < 5  # three answers would take a minute
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [EngineError] * 3
    assert engine.state is State.STOPPED


async def test_cancelled_while_it_loads(large: Path) -> None:
    engine = EmbeddedEngine(large)
    task = asyncio.create_task(answer(engine, completion()))
    await asyncio.sleep(0.05)
    assert engine.state is State.STARTING
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (engine.state, engine.pid) == (State.STOPPED, None)


PARENT = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from answers import completion
from luau_model.engines.embedded import EmbeddedEngine
async def main():
    engine = EmbeddedEngine(Path(sys.argv[1]))
    await engine.count_tokens("x")
    print(engine.pid, flush=True)
    async for _ in engine.stream(completion("coins", max_tokens=1500)):
        pass
asyncio.run(main())
"""


@pytest.mark.parametrize("stopped", [False, pytest.param(True, marks=linux)])
async def test_dies_with_its_parent(large: Path, stopped: bool) -> None:
    command = [sys.executable, "-c", PARENT, str(large), str(Path(__file__).parent)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(await asyncio.to_thread(parent.stdout.readline)))
    assert child.is_running()
    if stopped:
        child.suspend()  # can't notice by itself
    parent.kill()
    parent.wait()
    gone, _ = await asyncio.to_thread(psutil.wait_procs, [child], timeout=3)
    assert gone


async def test_a_hostile_workspace(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("luau_model.py", "json.py", "numpy.py", "llama_cpp.py"):
        (tmp_path / name).write_text("open('ran', 'w')\nraise SystemExit(1)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    engine = EmbeddedEngine(tiny)
    async with aclosing(engine.stream(completion())) as events:
        await anext(events)
    await engine.close()
    assert not (tmp_path / "ran").exists()
