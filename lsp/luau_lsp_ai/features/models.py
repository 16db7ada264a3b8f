"""The catalog, for clients that let their user choose a model: what there is, and downloading more."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from ..engines import model_file
from ..progress import progress
from ..quantities import size
from ..server import Server
from ..settings import SECTION, Settings
from ..works import Answer, argument_of

_REQUEST_FAILED = -32803


def register(server: Server) -> None:
    """Serve both requests."""

    @server.feature(f"{SECTION}/models")
    async def models(_params: Any) -> list[dict[str, Any]]:
        return await asyncio.to_thread(_listed, server.settings)

    @server.feature(f"{SECTION}/pull")
    async def pull(params: Any) -> Answer:
        argument = argument_of(params)
        name = argument.get("name")
        if not isinstance(name, str):
            raise JsonRpcInvalidParams("The parameters need the name of a model.")
        return await _pull(server, name, argument.get("workDoneToken"))


def _listed(settings: Settings) -> list[dict[str, Any]]:
    from luau_model import machine
    from luau_model.catalog import listing, store
    from luau_model.catalog.known import recipe
    from luau_model.engines.base import EngineError

    machine.measured()
    try:
        used = str(model_file(settings)) if settings.engine == "embedded" else ""
    except EngineError:
        used = ""  # what the settings name is not there
    found = []
    for model in listing.models():
        known = recipe(model.name)
        is_missing = model.state == "to build" and known is not None
        found.append(
            {
                "name": model.name,
                "title": model.title,
                "state": model.state,
                "inUse": bool(used) and model.path == used,
                "size": model.size,
                "quantization": model.quantization,
                "licence": model.licence,
                "memory": model.fit.memory,
                "fits": model.fit.fits,
                "tokensPerSecond": model.fit.tokens_per_second,
                "build": known.command(store.folder()) if is_missing and known else None,
            }
        )
    return found


class _GivenUp(Exception):
    """The client cancelled the download."""


async def _pull(server: Server, name: str, token: str | int | None) -> Answer:
    """Download on a thread, which is told through its progress to stop. What has come is kept for the next time."""
    from luau_model.catalog import hub
    from luau_model.catalog.errors import CatalogError

    loop, given_up = asyncio.get_running_loop(), threading.Event()
    async with progress(server, "Downloading", token) as report:

        def advanced(stage: str, done: int, total: int) -> None:
            if given_up.is_set():
                raise _GivenUp
            said = f"{stage}: {size(done)} of {size(total)} ({100 * done // max(total, 1)} %)"
            loop.call_soon_threadsafe(report, said)

        try:
            model = await asyncio.to_thread(lambda: hub.pull(hub.resolve(name), advanced))
        except CatalogError as error:
            raise JsonRpcException(str(error), _REQUEST_FAILED) from error
        finally:
            given_up.set()
    return {"name": model.name}
