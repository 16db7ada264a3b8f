"""What a model has made of the beginnings of prompts, kept on disk, so that a new process need not read them again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from ..files import replaced

KEPT = 8  # states over all models; one of a 7B takes 128 KiB a token
_DIGEST = 32


class Prefixes:
    """The states of one model. ``files`` are what it is made of: a change of any makes all states worthless, and so
    does a change of the ``version`` of what computes them.
    """

    def __init__(self, folder: Path, files: Sequence[Path], version: str) -> None:
        stats = [(str(file), file.stat()) for file in files]
        about = [version, *(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats)]
        self._folder = folder
        self._model = "\n".join(about)

    def load(self, tokens: Sequence[int]) -> bytes | None:
        """The state after these tokens; None where there is none that is whole."""
        path = self._path(tokens)
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        state = content[_DIGEST:]
        return state if hashlib.sha256(state).digest() == content[:_DIGEST] else None

    def save(self, tokens: Sequence[int], state: bytes) -> None:
        """Keep a state, and forget the ones that were not used for the longest time. A full disk changes nothing."""
        try:
            with replaced(self._path(tokens)) as new:
                new.write_bytes(hashlib.sha256(state).digest() + state)
            states = sorted(self._folder.glob("*.state"), key=lambda path: path.stat().st_mtime)
            for old in states[:-KEPT]:
                old.unlink(missing_ok=True)
        except OSError:
            pass

    def _path(self, tokens: Sequence[int]) -> Path:
        about = f"{self._model}\n{' '.join(map(str, tokens))}"
        return self._folder / f"{hashlib.sha256(about.encode()).hexdigest()[:32]}.state"
