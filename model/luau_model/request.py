"""What a person asks for, and what is known of the file it is for."""

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
class Message:
    """One turn of a chat, as chat templates and OpenAI-compatible servers take it."""

    role: Literal["system", "user", "assistant"]
    content: str
