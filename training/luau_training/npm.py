"""Tools from npm, each installed into the user's cache when it is first needed."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path


class NodeMissing(RuntimeError):
    """Node or npm can't be had; the message says what to install."""


def program(name: str) -> str:
    """The path of ``node`` or ``npm``. Raises NodeMissing."""
    path = shutil.which(name)
    if path is None:
        raise NodeMissing(f"this needs {name}: install Node.js 18 or newer, then try again")
    return path


@cache
def installed(package: str, version: str) -> Path:
    """The folder whose ``node_modules`` holds the package. Raises NodeMissing where npm is not there."""
    folder = user_cache_path("luau-lsp-ai") / f"{package.split('/')[-1]}-{version}"
    if not (folder / "node_modules" / package).is_dir():
        npm = program("npm")
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--silent", "--no-audit", "--prefix", str(folder), f"{package}@{version}"]
        subprocess.run(command, check=True)
    return folder
