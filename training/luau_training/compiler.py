"""The official Luau compiler as the authority on what parses: luau-web, WebAssembly under Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

VERSION = "1.4.0"
_SCRIPT = Path(__file__).with_name("compiler.mjs")


class CompilerMissing(RuntimeError):
    """Node or luau-web can't be had; the message says what to install."""


def errors(sources: Sequence[str]) -> list[str]:
    """The compiler's message for each source, "" where it accepts it.

    Raises CompilerMissing where Node or the package is not to be had.
    """
    node = shutil.which("node")
    if node is None:
        raise CompilerMissing(
            "checking with the official compiler needs Node.js 18 or newer: install it, then try again"
        )
    done = subprocess.run(
        [node, str(_SCRIPT), str(_package())],
        input=json.dumps(list(sources)),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"luau-web failed: {done.stderr.strip()[-500:]}")
    messages: list[str] = json.loads(done.stdout)
    return messages


@cache
def _package() -> Path:
    """The folder that holds luau-web, installed by npm on first use."""
    folder = user_cache_path("luau-lsp-ai") / f"luau-web-{VERSION}"
    if not (folder / "node_modules" / "luau-web").is_dir():
        npm = shutil.which("npm")
        if npm is None:
            raise CompilerMissing("checking with the official compiler needs npm: install Node.js, then try again")
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [npm, "install", "--silent", "--no-audit", "--prefix", str(folder), f"luau-web@{VERSION}"], check=True
        )
    return folder
