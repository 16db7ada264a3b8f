"""Which engine the settings ask for, and the one that the server holds."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .settings import Settings

if TYPE_CHECKING:
    from luau_model.engines.base import Engine

# Not a setting: settings are written to files, shared, and shown in traces.
API_KEY_VARIABLE = "LUAU_LSP_AI_API_KEY"


def engine_from(settings: Settings) -> Engine:
    """The engine that the settings ask for, not started yet.

    Raises EngineError where they name none that can be.
    """
    from luau_model.engines.base import EngineError

    if settings.engine == "http":
        from luau_model.engines.http import HttpEngine

        if not settings.endpoint:
            raise EngineError("The http engine needs the address of a server: set luau-lsp-ai.endpoint.")
        return HttpEngine(settings.endpoint, settings.model, api_key=os.environ.get(API_KEY_VARIABLE, ""))
    from luau_model.engines.embedded import EmbeddedEngine

    lora = Path(settings.lora).expanduser() if settings.lora else None
    return EmbeddedEngine(model_file(settings), lora=lora, idle_seconds=settings.idle_unload or math.inf)


def model_file(settings: Settings) -> Path:
    """The file that the settings name, or else the default of the catalog. Raises EngineError."""
    from luau_model.catalog import store
    from luau_model.catalog.errors import CatalogError
    from luau_model.engines.base import EngineError

    try:
        return store.find(settings.model) if settings.model else store.default()
    except CatalogError as error:
        raise EngineError(str(error)) from error


def engine_key(settings: Settings) -> tuple[object, ...]:
    """What a change of makes another engine necessary. Raises EngineError."""
    if settings.engine == "http":
        return settings.engine, settings.model, settings.endpoint
    return settings.engine, model_file(settings), settings.lora, settings.idle_unload


class EngineHolder:
    """Keeps one engine, for as long as the settings ask for the same. Another is closed when its last user is done."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._key: tuple[object, ...] = ()
        self._users: Counter[int] = Counter()

    @asynccontextmanager
    async def use(self, settings: Settings) -> AsyncIterator[Engine]:
        """The engine for these settings. Raises EngineError where there can be none."""
        key = engine_key(settings)
        if self._engine is None or self._key != key:
            new = engine_from(settings)
            await self._leave(self._engine)
            self._engine, self._key = new, key
        engine = self._engine
        self._users[id(engine)] += 1
        try:
            yield engine
        finally:
            self._users[id(engine)] -= 1
            if engine is not self._engine:
                await self._leave(engine)

    async def close(self) -> None:
        """Stop the engine, whoever uses it."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()

    async def _leave(self, engine: Engine | None) -> None:
        if engine is not None and not self._users[id(engine)]:
            await engine.close()
