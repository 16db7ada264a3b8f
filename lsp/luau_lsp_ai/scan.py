"""A process of its own that checks a project's files, so that the server stays quick meanwhile.

Reads one JSON object from standard input, ``{"folders": [path], "encoding": "utf-16"}``, and writes a line of JSON for
each file: first ``{"files": number, "left_out": boolean}``, then ``{"uri": text, "items": [diagnostic]}`` one by one.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

# Nobody reads more, and a folder with more is no game.
MOST_FILES = 5_000
# What a file's problems take at most as JSON.
_MOST_LINE = 1 << 26
# See luau_model.engines.child for why not "-m".
_PROGRAM = "import sys; sys.path = [path for path in sys.path if path]; from luau_lsp_ai.scan import main; main()"


async def scanned(folders: list[str], encoding: str) -> AsyncGenerator[dict[str, Any], None]:
    """Run the process and yield what it writes. Leaving the iteration ends it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-E", "-c", _PROGRAM, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=_MOST_LINE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps({"folders": folders, "encoding": encoding}).encode())
        process.stdin.close()
        async for line in process.stdout:
            yield json.loads(line)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def main() -> None:
    """The process."""
    if hasattr(os, "nice"):
        os.nice(10)
    wanted = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what else is printed is no JSON
    with contextlib.suppress(BrokenPipeError):  # the server is gone
        for line in _lines([Path(folder) for folder in wanted["folders"]], wanted["encoding"]):
            out.write(json.dumps(line) + "\n")
            out.flush()


def _lines(folders: list[Path], encoding: str) -> Any:
    from pygls.protocol import default_converter
    from pygls.uris import from_fs_path

    from .checking.walk import Walk
    from .features.diagnostics import on_disk

    converter = default_converter()
    files = list(itertools.islice(Walk().files(folders), MOST_FILES + 1))
    yield {"files": min(len(files), MOST_FILES), "left_out": len(files) > MOST_FILES}
    for file in files[:MOST_FILES]:
        uri = from_fs_path(str(file)) or ""
        yield {"uri": uri, "items": converter.unstructure(on_disk(uri, encoding))}
