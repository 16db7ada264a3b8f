"""The official Luau compiler as the authority on what parses: luau-web, WebAssembly under Node."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import npm

VERSION = "1.4.0"
_SCRIPT = Path(__file__).with_name("compiler.mjs")


def errors(sources: Sequence[str]) -> list[str]:
    """The compiler's message for each source, "" where it accepts it.

    Raises npm.NodeMissing where Node or the package is not to be had.
    """
    done = subprocess.run(
        [npm.program("node"), str(_SCRIPT), str(npm.installed("luau-web", VERSION))],
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
