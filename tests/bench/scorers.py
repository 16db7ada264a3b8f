"""How long the scorers take: from an edit to the findings, and over a folder of real code.

    python tests/bench/scorers.py FOLDER [--analyze PATH]

The edits are made in the scripts whose lengths are nearest to 200, 2,000 and 10,000 lines. ``--analyze`` is a
luau-analyze to compare with: it gets the same files in one call.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

from luau_scorers.engine import Analysis, analyse
from luau_scorers.syntax_tree import parse
from luau_scorers.units import Change

SIZES = (200, 2_000, 10_000)
EACH = 5  # so many scripts of each size
ROUNDS = 12
# What is typed, and taken back: each breaks the file or leaves it whole.
TYPED = {"whole": b"local extra = 1\n", "broken": b"if ready then (\n", "word": b"x"}


def sources(folder: Path) -> list[Path]:
    return sorted(path for end in ("lua", "luau") for path in folder.rglob(f"*.{end}") if path.is_file())


def nearest(files: list[Path], lines: int) -> list[Path]:
    """The scripts whose length is nearest to this many lines, of those that parse."""
    by_length = sorted(files, key=lambda path: abs(path.read_bytes().count(b"\n") - lines))
    return list(islice((path for path in by_length if not parse(path.read_bytes()).errors), EACH))


def edits(source: bytes, where: float) -> Iterator[tuple[str, Change, bytes]]:
    """What is typed at a place and taken back, in turn: its kind, the change, and the text after it."""
    rng = random.Random(where)
    starts = [node.start_byte for node in parse(source).root.named_children]
    for _ in range(ROUNDS):
        for kind, typed in TYPED.items():
            index = min(len(starts) - 1, max(0, int(where * len(starts)) + rng.randrange(-9, 10)))
            at = starts[index]
            if kind == "word":
                at = source.find(b"(", at) + 1 or at
            longer = source[:at] + typed + source[at:]
            yield f"{kind} typed", Change(at, at, at + len(typed)), longer
            yield f"{kind} taken back", Change(at, at + len(typed), at), source


def bench_edits(files: list[Path]) -> None:
    taken: dict[str, list[float]] = {}
    whole = []
    for source in (path.read_bytes() for path in files):
        started = time.perf_counter()
        analyse(source)
        whole.append((time.perf_counter() - started) * 1000)
        for name, where in (("start", 0.02), ("middle", 0.5), ("end", 0.98)):
            analysis = Analysis(source)
            analysis.findings()
            for kind, change, text in edits(source, where):
                started = time.perf_counter()
                analysis.edit(change, text)
                analysis.findings()
                milliseconds = (time.perf_counter() - started) * 1000
                for group in ("all", name, kind):
                    taken.setdefault(group, []).append(milliseconds)
    lengths = ", ".join(str(path.read_bytes().count(b"\n")) for path in files)
    print(f"\nfiles of {lengths} lines: whole file {statistics.median(whole):.0f} ms; edit -> findings, ms:")
    for group, times in taken.items():
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"  {group:18} median {statistics.median(times):6.1f}   p95 {p95:6.1f}")


def found(path: Path) -> int:
    return len(analyse(path.read_bytes(), path=path))


def bench_folder(files: list[Path], analyze: Path | None) -> None:
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    print(f"\n{len(files)} files, {lines} lines")
    for processes in (1, 2):
        started = time.perf_counter()
        with ProcessPoolExecutor(processes) as pool:
            count = sum(pool.map(found, files, chunksize=8))
        seconds = time.perf_counter() - started
        speed = f"{len(files) / seconds:5.0f} files/s, {lines / seconds:6.0f} lines/s"
        print(f"  {processes} processes: {seconds:6.1f} s, {speed}, ", end="")
        print(
            f"{count} findings, peak {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB a process"
        )
    if analyze:
        started = time.perf_counter()
        subprocess.run([analyze, *files], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        theirs = time.perf_counter() - started
        print(f"  luau-analyze: {theirs:6.1f} s, {lines / theirs:6.0f} lines/s; ours / theirs {seconds / theirs:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--analyze", type=Path)
    arguments = parser.parse_args()
    files = sources(arguments.folder)
    if not files:
        sys.exit(f"{arguments.folder} has no .lua or .luau files")
    analyse(b"print(1)")
    for size in SIZES:
        bench_edits(nearest(files, size))
    bench_folder(files, arguments.analyze)


if __name__ == "__main__":
    main()
