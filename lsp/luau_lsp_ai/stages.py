"""What a generation is doing, in words, for the editor's progress and for the terminal's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luau_model.generate import Event

_STAGES = {"loading": "loading the model", "thinking": "reading", "checking": "checking", "repairing": "repairing"}


def said(event: Event, candidates: int) -> str:
    """What a progress display shows for an event."""
    from luau_model.generate import Progress, Stage

    if isinstance(event, Progress):
        return f"script {event.candidate} of up to {candidates}: {event.tokens} tokens"
    if isinstance(event, Stage):
        return _STAGES[event.name] + (f" script {event.candidate}" if event.candidate else "")
    return ""
