"""Which engine the settings ask for, and the one that the server holds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .settings import Settings, engine_key, model_path

if TYPE_CHECKING:
    from luau_model.engines.base import Engine


def engine_from(settings: Settings) -> Engine:
    """The engine that the settings ask for, not started yet.

    Raises EngineError where they name none that can be.
    """
    from luau_model.engines.base import EngineError

    if settings.engine == "http":
        from luau_model.engines.http import HttpEngine

        if not settings.endpoint:
            raise EngineError("The http engine needs the address of a server: set luau-lsp-ai.endpoint.")
        return HttpEngine(settings.endpoint, settings.model)
    from luau_model.engines.embedded import EmbeddedEngine

    return EmbeddedEngine(model_path(settings) or shipped_model(), idle_seconds=settings.idle_unload or math.inf)


def shipped_model() -> Path:
    """The model that comes with the package."""
    import luau_model

    return Path(luau_model.__file__).parent / "embedded" / "luau-mini.gguf"


class EngineHolder:
    """Keeps one engine, for as long as the settings ask for the same. Another is closed when its last user is done."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._key: tuple[object, ...] = ()
        self._users: Counter[int] = Counter()

    @asynccontextmanager
    async def use(self, settings: Settings) -> AsyncIterator[Engine]:
        """The engine for these settings. Raises EngineError where there can be none."""
        if self._engine is None or self._key != engine_key(settings):
            new = engine_from(settings)
            await self._leave(self._engine)
            self._engine, self._key = new, engine_key(settings)
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
