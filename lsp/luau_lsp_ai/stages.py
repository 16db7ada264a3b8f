"""What a generation is doing, in words, for the editor's progress and for the terminal's."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luau_model.generate import Event

_STAGES = {"loading": "loading the model", "thinking": "reading", "checking": "checking", "repairing": "repairing"}
# A rate over less than this says nothing.
_LEAST_SECONDS = 0.05


class Narrator:
    """Puts the events of one generation into words."""

    def __init__(self, candidates: int) -> None:
        self._candidates = candidates
        self._running: set[int] = set()  # the scripts that are being written
        self._tokens: dict[int, int] = {}  # of each script that was begun since none was running
        self._since = 0.0

    def said(self, event: Event) -> str:
        """What a progress display shows for an event."""
        from luau_model.generate import Progress, Stage

        if isinstance(event, Progress):
            return self._written(event.candidate, event.tokens)
        if isinstance(event, Stage):
            self._running.discard(event.candidate)
            return _STAGES[event.name] + (f" script {event.candidate}" if event.candidate else "")
        return ""

    def _written(self, candidate: int, tokens: int) -> str:
        if not self._running:
            self._tokens, self._since = {}, time.monotonic()
        self._running.add(candidate)
        self._tokens[candidate] = tokens
        most = f" of up to {self._candidates}" if candidate <= self._candidates else ""
        which = f"script {candidate}{most}" if len(self._tokens) == 1 else f"{len(self._tokens)} scripts at once"
        written = sum(self._tokens.values())
        return f"{which}: {written} tokens{self._rate(written - len(self._tokens))}"

    def _rate(self, tokens: int) -> str:
        """Of so many tokens after the first."""
        seconds = time.monotonic() - self._since
        return f", {tokens / seconds:.0f} tokens/s" if seconds > _LEAST_SECONDS and tokens > 0 else ""
