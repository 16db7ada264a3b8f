"""How fast the data stages are, and whether their memory depends on how much there is.

    python tests/bench/data.py [--rows 200]

Writes JSONL files of scripts of our own (recipes with random names) of 1, 4 and 16 times that many rows, runs
``collect`` and ``filter`` over them with 1 and 2 workers, each in a process of its own, and prints rows/s, MB/s, the
largest process's memory, and the hours that 452 million tokens would take at that speed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from luau_model.engines.http import BYTES_PER_TOKEN
from luau_training.embedded import corpus
from luau_training.embedded.recipe import load_all

TOKENS = 452e6  # of the-luau-stack
_LOCAL = re.compile(r"\blocal (?:function )?(\w+)")
_RUN = """
import resource, sys
from pathlib import Path
from luau_training.stages import run
stage, source, out, workers = sys.argv[1:]
given = {"source": source} if stage == "data collect" else {"input": Path(source), "gold": False}
run(stage, out=Path(out), workers=int(workers), **given)
print(max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
"""


def write(path: Path, rows: int) -> None:
    """So many scripts of our own, each with names of its own, so that few are near-duplicates."""
    rng = random.Random(0)
    recipes = load_all()
    with path.open("w") as file:
        for number in range(rows):
            script = corpus.draw(rng, recipes[number % len(recipes)], "train").script
            for name in set(_LOCAL.findall(script)):
                script = re.sub(rf"\b{name}\b", f"{name}{rng.randrange(1000)}", script)
            row = {"text": f"-- number {number}\n{script}", "project": f"project {number // 5}"}
            file.write(json.dumps(row) + "\n")


def run(stage: str, source: Path, out: Path, workers: int) -> tuple[float, float]:
    """Seconds and MiB."""
    started = time.perf_counter()
    command = [sys.executable, "-c", _RUN, stage, str(source), str(out), str(workers)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.perf_counter() - started, int(done.stdout.split()[-1]) / 1024


def bytes_of(files: list[Path]) -> int:
    """Of the scripts in them."""
    rows = (json.loads(line) for file in files for line in file.open())
    return sum(len((row.get("text") or row["script"]).encode()) for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=200)
    rows = parser.parse_args().rows
    print("| stage | workers | rows | MB | seconds | rows/s | MB/s | memory, MiB | hours for 452M tokens |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for times in (1, 4, 16):
            source = Path(folder) / f"{times}.jsonl"
            write(source, rows * times)
            for workers in (1, 2):
                stages = {"data collect": source, "data filter": Path(folder) / f"data collect {times} {workers}"}
                for stage, given in stages.items():
                    out = Path(folder) / f"{stage} {times} {workers}"
                    seconds, memory = run(stage, given, out, workers)
                    figures = json.loads((out / "manifest.json").read_text())["figures"]
                    size = bytes_of([source] if stage == "data collect" else sorted(given.glob("part-*.jsonl")))
                    hours = TOKENS * BYTES_PER_TOKEN / (size / seconds) / 3600
                    print(
                        f"| {stage[5:]} | {workers} | {figures['read']} | {size / 1e6:.2f} | {seconds:.1f} | "
                        f"{figures['read'] / seconds:.0f} | {size / 1e6 / seconds:.2f} | {memory:.0f} | {hours:.1f} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
