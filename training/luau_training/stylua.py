"""StyLua, the formatter that the Luau community uses, from npm."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import npm

VERSION = "2.5.2"


def formatted(sources: Sequence[str]) -> list[str]:
    """Each source as StyLua writes it with its default settings; one that it cannot parse as it was.

    Raises npm.NodeMissing where Node or npm is not there.
    """
    folder = npm.installed("@johnnymorganz/stylua-bin", VERSION)
    run = folder / "node_modules" / "@johnnymorganz" / "stylua-bin" / "run.js"
    with tempfile.TemporaryDirectory() as name:
        files = [Path(name) / f"{number}.luau" for number in range(len(sources))]
        for file, source in zip(files, sources, strict=True):
            file.write_text(source, "utf-8", newline="\n")
        command = [npm.program("node"), str(run), "--no-editorconfig", name]
        subprocess.run(command, check=False, capture_output=True, cwd=name)
        return [file.read_text("utf-8") for file in files]
