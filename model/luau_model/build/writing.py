"""Writing a GGUF front to back, with all processors, so that a build that was killed goes on where it stopped.

What is written stands in a hidden file beside the target, and takes its name at the end.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from .errors import BuildError
from .gguf import ALIGNMENT, sealed
from .merge import Merger, Planned
from .quantize import prepare

_READ = 1 << 22
_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


@dataclass(frozen=True)
class Progress:
    """How far a build is: bytes of the file, and the tensor at work."""

    tensor: str
    done: int
    total: int


Report = Callable[[Progress], None]


class Partial:
    """The unfinished file: its path, and beside it how many of its tensors are safely on the disk."""

    def __init__(self, out: Path) -> None:
        self.path = out.with_name(f".{out.name}.partial")
        self._count = out.with_name(f".{out.name}.partial.count")
        self._lock = out.with_name(f".{out.name}.partial.lock")

    def locked(self) -> FileLock:
        return FileLock(self._lock)

    def tensors_done(self, head: bytes, sizes: Sequence[int]) -> int:
        """How many tensors of a build with this head are there already; what comes after them is cut off."""
        try:
            done = int(self._count.read_text())
            with self.path.open("r+b") as file:
                end = len(head) + sum(sizes[:done])
                if file.read(len(head)) != head or file.seek(0, os.SEEK_END) < end:
                    return 0
                file.truncate(end)
        except (OSError, ValueError):
            return 0
        return done

    def save_count(self, file: BinaryIO, done: int) -> None:
        """Take note that so many tensors are written, once they are on the disk."""
        file.flush()
        os.fsync(file.fileno())
        self._count.write_text(str(done))

    def finish(self, out: Path) -> None:
        """Give the whole file its name."""
        self.path.replace(out)
        self.discard()

    def discard(self) -> None:
        for path in (self.path, self._count, self._lock):
            path.unlink(missing_ok=True)


def write(out: Path, head: bytes, plan: Sequence[Planned], threads: int, report: Report) -> int:
    """Write the file, or the rest of it, and return how many tensors were there already.

    ``out`` appears when it is whole. Raises BuildError where the disk is full or another build writes the same file.
    """
    partial = Partial(out)
    try:
        # each of our threads multiplies by itself: numpy's own threads would wait for each other, spinning
        with partial.locked().acquire(timeout=0), threadpool_limits(1, user_api="blas"):
            return _write(out, partial, head, plan, threads, report)
    except Timeout:
        raise BuildError(f"Another build is writing {out}: wait for it, or choose another name.") from None
    except OSError as error:
        if error.errno in _FULL:
            raise BuildError(
                f"The disk of {out.absolute().parent} is full, or takes no file that large. Make room and run the same "
                f"command again: it goes on where it stopped. To give up instead, delete {partial.path}."
            ) from None
        raise BuildError(f"{out} can't be written: {error.strerror}.") from None


def _write(out: Path, partial: Partial, head: bytes, plan: Sequence[Planned], threads: int, report: Report) -> int:
    sizes = [planned.nbytes + -planned.nbytes % ALIGNMENT for planned in plan]
    before = partial.tensors_done(head, sizes)
    with partial.path.open("r+b" if before else "wb") as file:
        digest = hashlib.sha256()
        if before:
            file.seek(len(head))
            while block := file.read(_READ):
                digest.update(block)
        else:
            file.write(head)
        done, total = sum(sizes[:before]), sum(sizes)
        report(Progress("", done, total))
        count = before
        for planned, block, last in _in_order(plan[before:], threads):
            if last:
                block += bytes(-planned.nbytes % ALIGNMENT)
            file.write(block)
            digest.update(block)
            done += len(block)
            if last:
                count += 1
                partial.save_count(file, count)
            report(Progress(planned.name, done, total))
        file.seek(0)
        file.write(sealed(head, digest.hexdigest()))
        partial.save_count(file, count)
    partial.finish(out)
    return before


def _in_order(plan: Sequence[Planned], threads: int) -> Iterator[tuple[Planned, bytes, bool]]:
    """The bytes of all chunks, made by threads but in the file's order; with each, whether its tensor ends with it."""
    prepare({planned.name: planned.kind for planned in plan})
    waiting: deque[tuple[Planned, Future[NDArray[np.uint8]], bool]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for planned in plan:
            merger = Merger(planned)
            chunks = planned.chunks()
            for chunk in chunks:
                if len(waiting) > threads:
                    ready, future, last = waiting.popleft()
                    yield ready, future.result().tobytes(), last
                waiting.append((planned, pool.submit(merger.finished, *chunk), chunk is chunks[-1]))
        while waiting:
            ready, future, last = waiting.popleft()
            yield ready, future.result().tobytes(), last
    finally:
        pool.shutdown(cancel_futures=True)
