"""How long a person waits for the editor.

    python tests/bench/editor.py

Prints: spawn to initialize against a bare pygls server (taken in turns, the ratio counts), the answer of code actions,
key to diagnostics, Generate to the first progress, cancel to idle, and Generate to the applied edit, cold and warm.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lsp"))

from lsp_client import Editor, editor, server_command, until
from lsprotocol import types

ROUNDS = 9
BARE = "from pygls.lsp.server import LanguageServer; LanguageServer('bare', '1').start_io()"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"processId": None, "rootUri": None, "capabilities": {}},
}
REQUESTS = (
    "kill brick named Lava",
    "sprint when holding shift",
    "save player coins with DataStore",
    "round system with a 30 second intermission",
    "proximity prompt that gives a random item",
)
# A script of usual length with problems all through.
TEXT = "local part = workspace:WaitForChild('Lava')\nwait(1)\npart.Touched:connect(print)\n" * 50


def start_seconds(command: list[str]) -> tuple[float, float]:
    """From spawn to the answer of ``initialize``: by the clock, and of the processor."""
    body = json.dumps(INITIALIZE).encode()
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        process.stdin.flush()
        process.stdout.readline()
        seconds = time.perf_counter() - started
        process.kill()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def starts() -> None:
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(start_seconds([sys.executable, "-c", BARE]))
        ours.append(start_seconds(server_command()))
    for what, column in (("by the clock", 0), ("of the processor", 1)):
        one, other = (statistics.median(each[column] for each in taken) for taken in (ours, bare))
        print(f"spawn to initialize {what}, median of {ROUNDS}: ours {one:.2f} s, ", end="")
        print(f"bare pygls {other:.2f} s, ratio {one / other:.2f}")


def show(what: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    middle, late = statistics.median(ordered), ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    print(f"{what}: median {1000 * middle:.1f} ms, p95 {1000 * late:.1f} ms, of {len(ordered)}")


async def actions(person: Editor) -> None:
    """As the cursor moves: on a problem, on a comment, on neither."""
    uri = "file:///workspace/actions.luau"
    person.open(uri, TEXT + f"-- {REQUESTS[0]}\n")
    problems = await person.shows(uri, bool)
    seconds = []
    for turn in range(200):
        line = turn % 151
        here = tuple(each for each in problems if each.range.start.line == line)
        started = time.perf_counter()
        await person.actions(uri, line, diagnostics=here)
        seconds.append(time.perf_counter() - started)
    show("code action", seconds)


async def keys(person: Editor) -> None:
    """One key that makes or mends a problem at the end of a file of 150 lines."""
    uri = "file:///workspace/keys.luau"
    buffer = person.open(uri, TEXT)
    known = len(await person.shows(uri, bool))
    seconds = []
    for _ in range(20):
        started = time.perf_counter()
        person.type(uri, len(buffer.text), len(buffer.text), "wait(1)\n")
        await until(lambda known=known: len(person.client.diagnostics[uri]) > known, "diagnostics")
        seconds.append(time.perf_counter() - started)
        known = len(person.client.diagnostics[uri])
    show("key to diagnostics (80 ms of it wait for the next key)", seconds)


def new_progress(person: Editor, known: set[str | int]) -> str | int | None:
    """The progress that is shown and was not before."""
    shown = person.client.progress_reports
    return next((token for token in shown if token not in known and shown[token]), None)


async def progress(person: Editor) -> None:
    first, idle = [], []
    for turn in range(10):
        uri = f"file:///workspace/progress{turn}.luau"
        person.open(uri, f"-- {REQUESTS[0]}\n")
        known = set(person.client.progress_reports)
        started = time.perf_counter()
        await person.command("generate", {"uri": uri, "line": 0})
        await until(lambda known=known: new_progress(person, known) is not None, "progress")
        first.append(time.perf_counter() - started)
        token = new_progress(person, known)
        assert token is not None
        started = time.perf_counter()
        person.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
        reports = person.client.progress_reports[token]
        await until(lambda reports=reports: isinstance(reports[-1], types.WorkDoneProgressEnd), "the end")
        idle.append(time.perf_counter() - started)
    show("Generate to first progress", first)
    show("cancel to idle", idle)


async def edits(person: Editor) -> None:
    seconds = []
    for number, request in enumerate((REQUESTS[0], *REQUESTS)):
        uri = f"file:///workspace/{number}.luau"
        person.open(uri, f"-- {request}\n")
        started = time.perf_counter()
        await person.generate(uri, 0)
        seconds.append(time.perf_counter() - started)
    print(f"Generate to applied edit, cold: {seconds[0]:.2f} s")
    show("Generate to applied edit, warm", seconds[1:])


async def main() -> None:
    async with editor() as person:
        for measure in (edits, actions, keys, progress):
            await measure(person)


if __name__ == "__main__":
    starts()
    asyncio.run(main())
