"""The state of the model, for clients that show it."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from ..engines import ModelState
from ..server import Server
from ..settings import SECTION


def register(server: Server) -> None:
    """Answer what the state is, and tell of changes the clients that want to know."""

    def changed(state: ModelState) -> None:
        if _wants_to_know(server.client_capabilities):
            server.protocol.notify(f"{SECTION}/modelState", state.plain())

    server.engines.changed = changed

    @server.feature(f"{SECTION}/model")
    def model(_params: Any) -> dict[str, Any]:
        return server.engines.state(server.settings).plain()


def _wants_to_know(capabilities: types.ClientCapabilities) -> bool:
    experimental = capabilities.experimental
    ours = experimental.get("luauLspAi") if isinstance(experimental, dict) else None
    return isinstance(ours, dict) and ours.get("modelState") is True
