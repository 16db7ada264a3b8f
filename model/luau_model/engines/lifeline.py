"""What ties a worker to its parent: JSON lines both ways, and an end when the parent is gone."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

Message = dict[str, Any]
_PR_SET_PDEATHSIG = 1


class Lifeline:
    """Messages from and to the parent. Takes file descriptors 0 and 1, so make it before native libraries load."""

    def __init__(self) -> None:
        self._in: BinaryIO = os.fdopen(os.dup(0), "rb")
        self._out: BinaryIO = os.fdopen(os.dup(1), "wb")
        self._lock = threading.Lock()
        # What a library prints goes to stderr, where it can't be taken for a message.
        os.dup2(2, 1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)

    def send(self, message: Message) -> None:
        """Write one message; ends the process where the parent is gone. Safe from any thread."""
        line = json.dumps(message).encode() + b"\n"
        try:
            with self._lock:
                self._out.write(line)
                self._out.flush()
        except OSError:
            os._exit(0)

    def listen(self, receive: Callable[[Message], None]) -> None:
        """Give each message to ``receive`` on a thread of its own, and end the process when the parent is gone.

        ``os._exit`` because the main thread may be inside a long native call.
        """

        def run() -> None:
            for line in self._in:
                receive(json.loads(line))
            os._exit(0)

        threading.Thread(target=run, name="lifeline", daemon=True).start()


def die_with(parent: int) -> None:
    """Leave the end of this process to its parent; on Linux, the kernel ends both, even while no thread can run."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal reaches the parent too, which decides
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it went before the call
        os._exit(0)
