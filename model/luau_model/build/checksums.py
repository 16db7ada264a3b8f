"""SHA-256 of files, to tell later what a model was made of and whether it is still whole."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_READ = 1 << 22


def checksums(paths: Sequence[Path]) -> list[str]:
    """A line ``SHA-256  name`` for each file, as ``sha256sum --check`` reads them."""
    with ThreadPoolExecutor() as pool:
        return [f"{digest}  {path.name}" for digest, path in zip(pool.map(sha256, paths), paths, strict=True)]


def sha256(path: Path, start: int = 0) -> str:
    """The SHA-256 of a file from a byte on, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(start)
        while block := file.read(_READ):
            digest.update(block)
    return digest.hexdigest()
