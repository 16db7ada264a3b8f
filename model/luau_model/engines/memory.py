"""How much memory a program can still take."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path


def available() -> int | None:
    """In bytes, without swap; None where the system does not say (macOS compresses and swaps as it likes)."""
    if sys.platform == "linux":
        return _linux(Path("/proc/meminfo").read_text("ascii"))
    if sys.platform == "win32":
        return _windows()
    return None


def _linux(meminfo: str) -> int | None:
    for line in meminfo.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _windows() -> int | None:
    # MEMORYSTATUSEX: two 32-bit fields, then seven 64-bit ones of which the second is the free physical memory.
    buffer = (ctypes.c_uint64 * 8)()
    ctypes.cast(buffer, ctypes.POINTER(ctypes.c_uint32))[0] = ctypes.sizeof(buffer)
    kernel32 = getattr(ctypes, "windll").kernel32  # noqa: B009 (exists on Windows alone)
    return int(buffer[2]) if kernel32.GlobalMemoryStatusEx(ctypes.byref(buffer)) else None
