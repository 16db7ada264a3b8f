"""What this machine can do: its memory, and its speed with quantized weights."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .files import replaced

CACHE_VARIABLE = "LUAU_LSP_AI_CACHE"
CONTEXT = 4096  # tokens that the embedded engine keeps room for
_PROCESS_BYTES = 160 * 2**20  # Python, llama.cpp and its buffers
_LIMIT = 60.0  # seconds; a busy machine takes longer than the two that are measured
# Not "-m": see engines/child.py.
_PROGRAM = (
    "import sys, runpy; sys.path = [path for path in sys.path if path];"
    " runpy.run_module('luau_model.engines.speed', run_name='__main__')"
)


@dataclass(frozen=True)
class Measurement:
    """``bytes_per_second`` of weights for one token after another, with the best number of threads.

    ``several_answers`` is how many times as long a token of each of ``AT_ONCE`` answers takes as one token, and
    ``multiplications_per_second`` is what counts where a prompt is read.
    """

    processors: int
    threads: int
    bytes_per_second: float
    several_answers: float
    multiplications_per_second: float

    def tokens_per_second(self, size: int) -> float:
        """How fast a model file of this many bytes writes."""
        return self.bytes_per_second / size

    def prompt_tokens_per_second(self, parameters: int) -> float:
        """How fast a model of this many weights reads."""
        return self.multiplications_per_second / parameters


def measured(*, anew: bool = False) -> Measurement | None:
    """This machine's measurement: the one that was kept, or a new one of about three seconds.

    None where llama.cpp is not installed or does not allow it.
    """
    if not anew and (kept := last()):
        return kept
    command = [sys.executable, "-E", "-c", _PROGRAM]
    environment = {"OMP_WAIT_POLICY": "passive", **os.environ}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=True,
            timeout=_LIMIT,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
        measurement = Measurement(**json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return None
    try:
        with replaced(_place()) as new:
            new.write_text(json.dumps(dataclasses.asdict(measurement)), "utf-8")
    except OSError:
        pass  # it is measured again next time
    return measurement


def last() -> Measurement | None:
    """The measurement that was kept, if it was made with as many processors as there are now."""
    try:
        kept = Measurement(**json.loads(_place().read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return kept if kept.processors == os.cpu_count() else None


def memory_needed(size: int, kv_bytes: int, context: int = CONTEXT) -> int:
    """Bytes of memory for a model file of this size whose attention keeps this much of each token."""
    return size + kv_bytes * context + _PROCESS_BYTES


def cache() -> Path:
    """The user's folder for what can be had again, or what the environment variable LUAU_LSP_AI_CACHE says."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("luau-lsp-ai")


def _place() -> Path:
    return cache() / "machine.json"
