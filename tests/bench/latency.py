"""How long a person waits: server start against a bare pygls server, and command to applied edit, cold and warm.

    python tests/bench/latency.py

Start times are taken in turns in one run, and their ratio is what counts.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lsp"))

from lsp_client import editor, server_command

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


def start_seconds(command: list[str]) -> float:
    """From spawn to the answer of ``initialize``."""
    body = json.dumps(INITIALIZE).encode()
    started = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        process.stdin.flush()
        process.stdout.readline()
        seconds = time.perf_counter() - started
        process.kill()
    return seconds


def starts() -> None:
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(start_seconds([sys.executable, "-c", BARE]))
        ours.append(start_seconds(server_command()))
    ratio = statistics.median(ours) / statistics.median(bare)
    print(f"spawn to initialize, median of {ROUNDS}: ours {statistics.median(ours):.2f} s, ", end="")
    print(f"bare pygls {statistics.median(bare):.2f} s, ratio {ratio:.2f}")


async def edits() -> None:
    async with editor() as person:
        seconds = []
        for number, request in enumerate((REQUESTS[0], *REQUESTS)):
            uri = f"file:///workspace/{number}.luau"
            person.open(uri, f"-- {request}\n")
            started = time.perf_counter()
            await person.generate(uri, 0)
            seconds.append(time.perf_counter() - started)
    print(f"command to applied edit, cold: {seconds[0]:.2f} s")
    print(f"command to applied edit, warm, median of {len(REQUESTS)}: {statistics.median(seconds[1:]):.2f} s")


if __name__ == "__main__":
    starts()
    asyncio.run(edits())
