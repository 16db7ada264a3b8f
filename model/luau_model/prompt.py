"""The one prompt: training and serving build it here, so that a model sees in use what it saw in training."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from .request import Message, Request

VERSION = 1
MAX_REQUEST_CHARS = 2_000
SYSTEM = (
    "You are an expert Roblox Luau programmer. Generate one complete, production-ready Luau script for the request. "
    "Output only code, no markdown."
)
_ROLES = {"server": "a server Script", "client": "a LocalScript on the client", "module": "a ModuleScript"}


def compact(text: str) -> tuple[Message, ...]:
    """The prompt of the embedded model: the request alone."""
    return (Message("user", normalize(text)),)


def plan(recipe: str, options: Iterable[str], values: Mapping[str, str]) -> str:
    """How the embedded model's answer begins: a line with what the request is taken for, the options that it asks for
    and where its values go (by slot), such as ``-- coin_pickup: respawn seconds=NUMBER_A``.
    """
    return f"-- {recipe}: {' '.join([*options, *(f'{slot}={value}' for slot, value in values.items())])}\n"


def full(request: Request) -> tuple[Message, ...]:
    """The prompt of a general model: what is known of the file, and the request."""
    parts = []
    if request.path or request.role != "unknown":
        what = _ROLES.get(request.role, "a script")
        parts.append(f"The script goes into {request.path or 'a new file'}, {what}.")
    if request.services:
        declared = ", ".join(f"{local} ({service})" for service, local in request.services)
        parts.append(f"The file declares these services already, use them and don't declare them again: {declared}.")
    if request.names:
        parts.append(f"Names that the file has already: {', '.join(request.names)}.")
    if request.nearby:
        parts.append(f"The code next to the request:\n{request.nearby}")
    parts.append(f"Request: {normalize(request.text)}")
    return (Message("system", SYSTEM), Message("user", "\n\n".join(parts)))


def repair(messages: Sequence[Message], script: str, problems: Sequence[str]) -> tuple[Message, ...]:
    """The follow-up that sends a script back with what is wrong with it."""
    listed = "\n".join(f"- {problem}" for problem in problems)
    again = f"The script has these problems:\n{listed}\nWrite the whole script again without them."
    return (*messages, Message("assistant", script), Message("user", again))


def normalize(text: str) -> str:
    """The request on one line with single spaces."""
    return re.sub(r"\s+", " ", text).strip()
