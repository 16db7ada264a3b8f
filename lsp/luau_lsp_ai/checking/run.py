"""All files, with all processor cores where that pays."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from .inspection import Inspection, Wanted, inspect

# Starting a process costs as much as checking some dozen files.
_FILES_PER_PROCESS = 25


def inspections(paths: list[Path], wanted: Wanted) -> Iterator[Inspection]:
    """Check each file; the results come in the order of the paths."""
    processes = min(_cores(), len(paths) // _FILES_PER_PROCESS)
    work = partial(inspect, wanted=wanted)
    if processes < 2:
        yield from map(work, paths)
        return
    with ProcessPoolExecutor(processes, initializer=_leave_interrupts_to_parent) as pool:
        yield from pool.map(work, paths, chunksize=4)


def _cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
