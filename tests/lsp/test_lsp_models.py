"""Choosing a model in an editor: the catalog, and downloading from a hub with progress and cancel."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsp_client import Editor, editor, until
from lsprotocol import types
from luau_model.known import MODEL
from pygls.exceptions import JsonRpcException, JsonRpcRequestCancelled

sys.path.insert(0, str(Path(__file__).parents[1]))

import hub_server
from hub_server import Hub

pytestmark = pytest.mark.asyncio(loop_scope="module")
BIG = 60 * 2**20


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    root = tmp_path_factory.mktemp("hub")
    for name in ("small", "big"):
        (root / "someone" / name).mkdir(parents=True)
    shutil.copy(MODEL, root / "someone/small/small-Q8_0.gguf")
    with (root / "someone/big/big-Q4_K_M.gguf").open("wb") as big:
        big.truncate(BIG)
    with hub_server.serving(root) as hub:
        yield hub


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ed(hub: Hub, cache: Path) -> AsyncIterator[Editor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_ENDPOINT", hub.address)
        patch.setenv("LUAU_LSP_AI_CACHE", str(cache))
        async with editor() as it:
            yield it


async def pull(ed: Editor, name: str | None, token: str | None = None) -> Any:
    params = {"name": name, "workDoneToken": token}
    return await ed.client.protocol.send_request_async("luau-lsp-ai/pull", params)


async def test_a_model_is_downloaded_with_progress_and_can_be_chosen(ed: Editor) -> None:
    before = {model["name"]: model for model in await ed.request("models")}
    assert before["luau-mini"]["inUse"]
    assert before["luau-mini"]["state"] == "here"
    assert all(model["build"] for model in before.values() if model["state"] == "to build")
    assert await pull(ed, "someone/small", "small") == {"name": "small-Q8_0"}
    said = [getattr(report, "message", "") for report in ed.client.progress_reports["small"]]
    assert any("100 %" in (message or "") or "6 MB of 6 MB" in (message or "") for message in said), said
    client = ed.client
    client.set_configuration({"luau-lsp-ai": {"model": "small-Q8_0"}})
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings={}))
    while not (now := {model["name"]: model for model in await ed.request("models")})["small-Q8_0"]["inUse"]:
        await asyncio.sleep(0.05)
    assert not now["luau-mini"]["inUse"]
    assert (await ed.request("model"))["name"] == "small-Q8_0"


async def test_a_cancelled_download_is_answered_at_once_and_what_came_is_kept(
    ed: Editor, hub: Hub, cache: Path
) -> None:
    hub.stall_after = BIG // 2
    asked = asyncio.ensure_future(pull(ed, "someone/big", "big"))
    await until(lambda: bool(list((cache / "models").glob(".big-*.part"))), "the download")
    asked.cancel()
    with pytest.raises((asyncio.CancelledError, JsonRpcRequestCancelled)):
        await asked
    assert not (cache / "models/big-Q4_K_M.gguf").exists()
    assert list((cache / "models").glob(".big-*.part"))
    hub.over.set()


async def test_a_model_that_the_hub_does_not_have_is_named(ed: Editor) -> None:
    with pytest.raises(JsonRpcException, match="no someone/unknown") as raised:
        await pull(ed, "someone/unknown")
    assert raised.value.code == -32803
    with pytest.raises(JsonRpcException):
        await pull(ed, None)
