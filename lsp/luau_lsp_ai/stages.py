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
        self._candidate = 0
        self._since = 0.0

    def said(self, event: Event) -> str:
        """What a progress display shows for an event."""
        from luau_model.generate import Progress, Stage

        if isinstance(event, Progress):
            if event.candidate != self._candidate:
                self._candidate, self._since = event.candidate, time.monotonic()
            most = f" of up to {self._candidates}" if event.candidate <= self._candidates else ""
            return f"script {event.candidate}{most}: {event.tokens} tokens{self._rate(event.tokens)}"
        if isinstance(event, Stage):
            return _STAGES[event.name] + (f" script {event.candidate}" if event.candidate else "")
        return ""

    def _rate(self, tokens: int) -> str:
        seconds = time.monotonic() - self._since
        return f", {(tokens - 1) / seconds:.0f} tokens/s" if seconds > _LEAST_SECONDS and tokens > 1 else ""
