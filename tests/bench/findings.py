"""What the rules say of a folder of real code: findings by rule, speed, and a random sample to read.

    python tests/bench/findings.py FOLDER [--sample 200] [--seed 1] [--rules RULE,RULE]

The sample is drawn from errors and warnings, each shown with the lines around it; ``scorers/FALSE_POSITIVES.md`` is
written from it.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from luau_scorers.config import Config
from luau_scorers.engine import analyse
from luau_scorers.finding import Finding
from luau_scorers.rule import all_rules

AROUND = 6  # lines of context on either side


def sources(folder: Path) -> list[Path]:
    found = (path for end in ("lua", "luau") for path in folder.rglob(f"*.{end}") if path.is_file())
    return sorted(path for path in found if not Config().ignores(path))


def findings(path: Path) -> tuple[Path, int, list[Finding]]:
    source = path.read_bytes()
    return path, source.count(b"\n") + 1, analyse(source, path=path)


def context(path: Path, finding: Finding) -> Iterator[str]:
    source = path.read_bytes()
    lines = source.decode("utf-8", "replace").splitlines()
    line = source.count(b"\n", 0, finding.span.start)
    for number in range(max(0, line - AROUND), min(len(lines), line + AROUND + 1)):
        yield f"{'>' if number == line else ' '} {number + 1:5} {lines[number][:160]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rules", default="", help="only these, separated by commas")
    arguments = parser.parse_args()
    files = sources(arguments.folder)
    started = time.perf_counter()
    with ProcessPoolExecutor() as pool:
        results = list(pool.map(findings, files, chunksize=8))
    seconds = time.perf_counter() - started
    lines = sum(count for _, count, _ in results)
    only = set(filter(None, arguments.rules.split(",")))
    found = [(path, f) for path, _, each in results for f in each if not only or f.rule in only]
    print(f"{len(files)} files, {lines} lines in {seconds:.1f} s on {os.cpu_count()} processors: ", end="")
    print(f"{lines / seconds:.0f} lines/s; {len(all_rules())} rules")
    print(f"peak memory of a process: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB")
    for (severity, rule), count in sorted(Counter((f.severity, f.rule) for _, f in found).items()):
        print(f"{count:6} {severity:8} {rule}")
    serious = [(path, f) for path, f in found if f.severity in ("error", "warning")]
    drawn = random.Random(arguments.seed).sample(serious, min(arguments.sample, len(serious)))
    for number, (path, f) in enumerate(drawn):
        print(f"\n#{number} {f.severity} {f.rule}: {f.message}\n{path.relative_to(arguments.folder)}")
        print("\n".join(context(path, f)))


if __name__ == "__main__":
    main()
