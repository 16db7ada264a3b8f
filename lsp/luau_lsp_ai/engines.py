"""Which engine the settings ask for, and the one that the server holds."""

from __future__ import annotations

import asyncio
import math
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


def model_name(settings: Settings) -> str:
    """What the user knows the model by that the settings ask for, whether it is there or not."""
    from luau_model.catalog import store

    if settings.engine == "http":
        return settings.model or settings.endpoint
    return Path(settings.model).name.removesuffix(".gguf") if settings.model else store.default().stem


@dataclass(frozen=True, slots=True)
class ModelState:
    """What a client shows of the model; ``message`` is what went wrong, where ``state`` is "failed"."""

    engine: str
    name: str
    state: str
    message: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


class EngineHolder:
    """Keeps one engine, for as long as the settings ask for the same. Another is closed when its last user is done.

    ``changed`` is called with each new state of the model.
    """

    def __init__(self) -> None:
        self.changed: Callable[[ModelState], None] = lambda state: None
        self._engine: Engine | None = None
        self._settings = Settings()  # the newest that are known here
        self._key: tuple[object, ...] = ()
        self._made_for: tuple[object, ...] = ()
        self._users: Counter[int] = Counter()
        self._failure = ""
        self._last: ModelState | None = None
        self._unloaded: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def use(self, settings: Settings) -> AsyncIterator[Engine]:
        """The engine for these settings. Raises EngineError where there can be none."""
        self._failure, self._settings = "", settings
        try:
            engine = await self._engine_for(settings)
            self._users[id(engine)] += 1
            try:
                yield engine
            finally:
                self._users[id(engine)] -= 1
                if engine is not self._engine:
                    await self._leave(engine)
        except Exception as error:
            self._failure = str(error)
            raise
        finally:
            self.look()
            self._look_when_unloaded()

    def state(self, settings: Settings) -> ModelState:
        """The state of the model that the settings ask for."""
        if self._failure and _asked(settings) == _asked(self._settings):
            return ModelState(settings.engine, model_name(settings), "failed", self._failure)
        if self._engine is not None and _asked(settings) == self._made_for:
            return ModelState(settings.engine, self._engine.name, self._engine.state.value)
        return ModelState(settings.engine, model_name(settings), "stopped")

    def note(self, settings: Settings) -> None:
        """Take note of other settings before they are used, and tell of the model that they ask for."""
        self._failure, self._settings = "", settings
        self.look()

    def look(self) -> None:
        """Tell of the model's state where it is another than before."""
        state = self.state(self._settings)
        if state != self._last:
            self._last = state
            self.changed(state)

    async def close(self) -> None:
        """Stop the engine, whoever uses it."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()

    async def _engine_for(self, settings: Settings) -> Engine:
        key = engine_key(settings)
        if self._engine is None or key != self._key:
            new, old = engine_from(settings), self._engine
            self._engine, self._key, self._made_for = new, key, _asked(settings)
            await self._leave(old)
            return new
        return self._engine

    async def _leave(self, engine: Engine | None) -> None:
        if engine is not None and not self._users[id(engine)]:
            await engine.close()

    def _look_when_unloaded(self) -> None:
        if self._unloaded is not None:
            self._unloaded.cancel()
        if self._settings.idle_unload:
            self._unloaded = asyncio.get_running_loop().call_later(self._settings.idle_unload + 1, self.look)


def _asked(settings: Settings) -> tuple[object, ...]:
    return settings.engine, settings.model, settings.endpoint, settings.lora
