"""A user who types all the time while scripts are written, against the whole server."""

from __future__ import annotations

import asyncio
import random

import pytest
from lsp_client import REQUEST, Buffer, Editor, editor, until

COMMENT = f"-- {REQUEST} 😀"
KEYS = ["x", "\n", " ", "é", "界", "😀", "\t", "-- note\n", "local y = 1\n"]


async def type_randomly(ed: Editor, uri: str, rng: random.Random, expected: list[str]) -> None:
    """One burst of keys or deletions anywhere but in the comment; ``expected`` is the text without the script."""
    buffer = ed.buffers[uri]
    where = [place for place in range(len(buffer.text) + 1) if free(buffer, place)]
    start = rng.choice(where)
    ends = [start]
    while rng.random() < 0.4 and free(buffer, ends[-1] + 1) and ends[-1] < len(buffer.text):
        if buffer.ours[ends[-1]]:
            break
        ends.append(ends[-1] + 1)
    end = ends[-1]
    new = rng.choice(KEYS) if end == start or rng.random() < 0.5 else ""
    typed = [sum(not ours for ours in buffer.ours[:place]) for place in (start, end)]
    expected[0] = expected[0][: typed[0]] + new + expected[0][typed[1] :]
    ed.type(uri, start, end, new)


def free(buffer: Buffer, place: int) -> bool:
    """May one type here? Not in the lines of the comment and not in the script."""
    first = buffer.text.index(COMMENT)
    if first - 1 <= place <= first + len(COMMENT) + 1:
        return False
    return not any(buffer.ours[max(0, place - 1) : place + 1])


@pytest.mark.asyncio
async def test_nothing_typed_is_lost_and_the_script_is_below_its_comment() -> None:
    async with editor() as ed:
        for seed in range(5):
            rng = random.Random(seed)
            uri = f"file:///workspace/typing{seed}.luau"
            text = f"local a = 1\n\n{COMMENT}\n\nlocal b = 2\n"
            buffer = ed.open(uri, text)
            expected = [text]
            work = asyncio.ensure_future(ed.write(uri, 2))
            await asyncio.sleep(0)  # now the command is sent
            while not (work.done() and buffer.inserted()):
                await type_randomly(ed, uri, rng, expected)
                await asyncio.sleep(rng.choice([0, 0.001, 0.02]))
                if work.done() and not buffer.inserted():
                    await until(lambda b=buffer: bool(b.inserted()), f"the script of seed {seed}")
            assert buffer.typed() == expected[0], seed
            script = buffer.inserted()
            where = buffer.text.index(script)
            assert buffer.text[:where].endswith(f"{COMMENT}\n"), seed
