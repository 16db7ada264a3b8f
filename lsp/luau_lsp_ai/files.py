"""Reading and writing a user's files on the command line."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import click


def read(path: Path) -> bytes:
    """The file's bytes, which are UTF-8. Raises click.UsageError where they are not, or can't be read."""
    try:
        data = path.read_bytes()
        data.decode()
    except OSError as error:
        raise click.UsageError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"{path} is not UTF-8 text.") from None
    return data


def check_writable(path: Path, force: bool) -> None:
    """Say before the work, not after it, that a file can't be written. Raises click.UsageError."""
    if path.exists() and not force:
        raise click.UsageError(f"{path} exists. Choose another name, or overwrite it with --force.")
    if path.is_dir() or not path.parent.is_dir():
        raise click.UsageError(f"{path} can't be written: it is a folder, or its folder does not exist.")


def write(path: Path, data: bytes) -> None:
    """Write the file whole or not at all. Raises click.UsageError where it can't be written."""
    path = path.resolve()
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
        if path.exists():
            shutil.copymode(path, temporary)
        else:
            temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise click.UsageError(f"{path} can't be written: {error.strerror}.") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
