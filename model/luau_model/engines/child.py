"""One worker process: starts it, talks to it, and notices when it dies or hangs."""

from __future__ import annotations

import asyncio
import collections
import itertools
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from .base import EngineError

Message = dict[str, Any]

# Threads that wait for each other by sleeping. Spinning makes a machine that is busy otherwise tens of times slower.
ENVIRONMENT = {"OMP_WAIT_POLICY": "passive"}
LAST_WORDS = 20  # lines of its stderr that are kept
PINGS = 4  # as many in a row without an answer mean that it hangs
_START = 0  # stands for the request to load, which is the command line
_ENDS = {"ready", "unusable", "done", "count", "cancelled", "refused"}
_OUT_OF_MEMORY = ("MemoryError", "bad_alloc", "failed to allocate", "unable to allocate", "Cannot allocate memory")
NO_MEMORY = "There is too little memory for the model: close other programs or choose a smaller model, then ask again."

# Not "-m", which would take a package of this name in the folder that the user opened for ours; and not "-I", which
# would hide what pip installed for the user alone. "-E" leaves out what the environment adds to the path.
_PROGRAM = (
    "import sys; sys.path = [path for path in sys.path if path];"
    " from luau_model.engines.worker import main; main(sys.argv[1:])"
)


class Child:
    """A running worker. It hangs when it shows no sign of life for ``silence`` seconds while it has work."""

    def __init__(self, process: Process, silence: float) -> None:
        self._process = process
        self._silence = silence
        self._ids = itertools.count(_START + 1)
        self._inboxes: dict[int, asyncio.Queue[Message | None]] = {_START: asyncio.Queue()}
        self._unanswered = 0
        self._end = ""  # why we ended it, if we did
        self._last_words: collections.deque[str] = collections.deque(maxlen=LAST_WORDS)
        self._listening = asyncio.create_task(self._listen())
        self._watching = asyncio.create_task(self._watch())

    @classmethod
    async def spawn(cls, arguments: Sequence[str], silence: float) -> Child:
        """Start the process, which then begins to load. Raises EngineError where it can't be started."""
        command = [sys.executable, "-E", "-c", _PROGRAM, *arguments, str(os.getpid())]
        no_window = 0x08000000 if sys.platform == "win32" else 0
        environment = {**ENVIRONMENT, **os.environ}
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, creationflags=no_window
            )
        except OSError as error:
            raise EngineError(f"The model's process can't be started: {error}.") from error
        return cls(process, silence)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked anything."""
        return not self._end and not self._listening.done()

    async def ready(self) -> Message:
        """Wait until the model is loaded, or found ``unusable``; returns the message that says so."""
        return await self._next(self._inboxes[_START])

    async def ask(self, request: Message) -> AsyncGenerator[Message, None]:
        """Send a request and yield its answers. Closing this iterator early cancels the request.

        Raises EngineError where the process dies or hangs meanwhile.
        """
        if not self.alive:
            raise EngineError(self._death())
        number = next(self._ids)
        inbox = self._inboxes[number] = asyncio.Queue()
        self._send({**request, "id": number})
        try:
            while True:
                message = await self._next(inbox)
                yield message
                if message["type"] in _ENDS:
                    return
        finally:
            if number in self._inboxes:  # not answered to the end: it stays, so that a hang in cancelling is noticed
                self._send({"type": "cancel", "id": number})

    async def ask_once(self, request: Message) -> Message:
        """Send a request that has one answer. Raises as ``ask`` does."""
        async with aclosing(self.ask(request)) as answers:
            async for message in answers:
                return message
        raise EngineError(self._death())

    async def stop(self, reason: str = "The model was unloaded.") -> None:
        """End the process and wait until it is gone; who waits for an answer gets the reason as an EngineError."""
        self._kill(reason)
        await asyncio.gather(self._listening, return_exceptions=True)
        self._watching.cancel()

    def _kill(self, reason: str) -> None:
        self._end = self._end or reason
        if self._process.returncode is None:
            self._process.kill()

    def _send(self, message: Message) -> None:
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def _next(self, inbox: asyncio.Queue[Message | None]) -> Message:
        message = await inbox.get()
        if message is None:
            inbox.put_nowait(None)
            raise EngineError(self._death())
        return message

    async def _listen(self) -> None:
        """Hand out messages until the process is gone."""
        assert self._process.stdout is not None
        words = asyncio.create_task(self._hear_last_words())
        async for line in self._process.stdout:
            message = json.loads(line)
            self._unanswered = 0
            if message["type"] == "pong":
                self._notice_stuck(message["stuck"])
                continue
            number = message.get("id", _START)
            self._inboxes[number].put_nowait(message)
            if message["type"] in _ENDS:
                del self._inboxes[number]
        await self._process.wait()
        await words
        for inbox in self._inboxes.values():
            inbox.put_nowait(None)

    async def _hear_last_words(self) -> None:
        assert self._process.stderr is not None
        while chunk := await self._process.stderr.read(4096):
            self._last_words.extend(line for line in chunk.decode("utf-8", "replace").splitlines() if line.strip())

    async def _watch(self) -> None:
        """Ping while there is work. Pings are counted, not time: this process may have been asleep itself."""
        while self.alive:
            await asyncio.sleep(self._silence / PINGS)
            if not self._inboxes:
                self._unanswered = 0
                continue
            if self._unanswered >= PINGS:
                self._notice_stuck(float("inf"))
            self._unanswered += 1
            self._send({"type": "ping"})

    def _notice_stuck(self, seconds: float) -> None:
        if seconds > self._silence:
            self._kill("The model stopped responding and was ended: ask again to start it anew.")

    def _death(self) -> str:
        """Why the process is gone, in a sentence for the user."""
        if self._end:
            return self._end
        code = self._process.returncode or 0
        words = list(self._last_words)
        if any(sign in line for line in words for sign in _OUT_OF_MEMORY):
            return NO_MEMORY
        if code == -9:
            return (
                "The model's process was killed, most likely because memory ran out: close other programs or choose "
                "a smaller model, then ask again."
            )
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        said = f": {words[-1].strip()}" if words else ""
        return f"The model's process ended unexpectedly ({how}{said}); ask again to start it anew."
