"""What a person asks for, what is known of the file it is for, and how hard to try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["server", "client", "module", "unknown"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request for a script.

    ``services`` are those that the file declares already (name of the service to name of the local),
    ``names`` its other top-level names, ``nearby`` the code closest to the comment.
    """

    text: str
    path: str | None = None
    role: Role = "unknown"
    services: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()
    nearby: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """How hard to try. ``seed`` makes the result repeatable; ``max_tokens`` bounds one candidate.

    With seed 0 the first candidate is the model's best guess, with another it is drawn as the others are. ``avoid``
    are scripts that are not wanted again. Where ``all_candidates``, a good one does not end the search for more.
    """

    candidates: int = 4
    temperature: float = 0.7
    max_tokens: int = 1024
    seed: int = 0
    avoid: tuple[str, ...] = ()
    all_candidates: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat, as chat templates and OpenAI-compatible servers take it."""

    role: Literal["system", "user", "assistant"]
    content: str
