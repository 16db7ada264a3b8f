"""Telling the user that the model can't answer, and offering what may help."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Coroutine
from typing import Any

from lsprotocol import types

from .server import Server
from .settings import Settings

TRY_AGAIN = "Try again"
BUILT_IN = "Use the built-in model"


def tell(
    server: Server, error: Exception, again: Callable[[], Coroutine[Any, Any, Any]], give_up: Callable[[], None]
) -> None:
    """Say what is wrong, with what the user can do about it; then do that, or give up. Waits for no answer."""
    server.start(_ask(server, str(error), again, give_up))


async def _ask(
    server: Server, message: str, again: Callable[[], Coroutine[Any, Any, Any]], give_up: Callable[[], None]
) -> None:
    try:
        choices = (TRY_AGAIN,) if is_built_in(server.settings) else (TRY_AGAIN, BUILT_IN)
        chosen = await server.ask(message, choices, types.MessageType.Error)
    except BaseException:
        give_up()
        raise
    if chosen == BUILT_IN:
        server.settings = dataclasses.replace(server.settings, engine="embedded", model="")
    if chosen in choices:
        await again()
    else:
        give_up()


def is_built_in(settings: Settings) -> bool:
    """Whether the settings ask for the model that comes along."""
    return settings.engine == "embedded" and not settings.model
