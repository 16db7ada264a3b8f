"""A command that is killed in the middle of its work, as a machine that is switched off does it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence


def killed_at(beginning: str, command: Sequence[str]) -> str:
    """Start the command and kill it at the first line it prints that begins so; gives that line."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process, process.stdout:
        line = next((line for line in process.stdout if line.startswith(beginning)), "")
        process.send_signal(signal.SIGKILL)
    assert line, f"{command} never printed {beginning!r}"
    return line
