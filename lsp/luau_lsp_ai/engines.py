"""Which engine the settings ask for, and the one that the server holds."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
        self._settings = Settings()  # those that the engine was made for
        self._users: Counter[int] = Counter()
        self._failure = ""
        self._last: ModelState | None = None
        self._unloaded: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def use(self, settings: Settings) -> AsyncIterator[Engine]:
        """The engine for these settings. Raises EngineError where there can be none."""
        self._failure = ""
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
        is_ours = engine_key(settings) == engine_key(self._settings)
        name = settings.model if settings.engine == "http" else (model_path(settings) or shipped_model()).stem
        state = "stopped"
        if is_ours and self._engine is not None:
            name, state = self._engine.name, self._engine.state.value
        failure = self._failure if is_ours else ""
        return ModelState(settings.engine, name, "failed" if failure else state, failure)

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
        if self._engine is None or engine_key(settings) != engine_key(self._settings):
            self._settings = settings
            new, old = engine_from(settings), self._engine
            self._engine = new
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
