"""The engine over HTTP against llama-cpp-python's own OpenAI-compatible server with the model that ships."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from answers import answer, completion
from luau_model.engines.base import EngineError
from luau_model.engines.http import HttpEngine
from luau_model.known import MODEL

pytestmark = pytest.mark.asyncio
KEY = "right-key"
START_SECONDS = 120


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(MODEL), "--model_alias", "mini"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--api_key", KEY, "--n_ctx", "1024", "--n_threads", "1"]
    address = f"http://127.0.0.1:{port}/v1"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + START_SECONDS
            while not answers(address):
                assert server.poll() is None, "the server did not start"
                assert time.monotonic() < until
                time.sleep(0.2)
            yield address
        finally:
            server.kill()


def answers(address: str) -> bool:
    """Whether the server is up: it then refuses who has no key."""
    try:
        urllib.request.urlopen(f"{address}/models")
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


async def test_a_real_server_streams_an_answer(endpoint: str) -> None:
    engine = HttpEngine(endpoint, "", api_key=KEY)
    text, done = await answer(engine, completion("a door", system=None, max_tokens=30, temperature=0))
    assert engine.name == "mini"
    assert (done.finish, text.count("\n") > 0) == ("length", True)
    assert text.startswith("-- ")
    assert (await answer(engine, completion("a door", system=None, max_tokens=30, temperature=0)))[0] == text
    await engine.close()


async def test_a_wrong_key_is_said(endpoint: str) -> None:
    engine = HttpEngine(endpoint, "mini", api_key="wrong-key")
    with pytest.raises(EngineError, match="does not take the API key") as caught:
        await answer(engine, completion())
    assert "wrong-key" not in str(caught.value)
    await engine.close()


async def test_a_request_that_is_too_long_ends_in_a_sentence_and_the_next_is_answered(endpoint: str) -> None:
    engine = HttpEngine(endpoint, "mini", api_key=KEY)
    with pytest.raises(EngineError, match="The server at http://127"):
        await answer(engine, completion("x " * 3000, system=None))
    await answer(engine, completion("a coin", system=None, max_tokens=10))
    await engine.close()


async def test_cancelling_frees_the_server_for_the_next(endpoint: str) -> None:
    engine = HttpEngine(endpoint, "mini", api_key=KEY)
    task = asyncio.create_task(answer(engine, completion("a door", system=None, max_tokens=900, temperature=1)))
    await asyncio.sleep(0.5)
    task.cancel()
    text, _ = await answer(engine, completion("a coin", system=None, max_tokens=10))
    assert text
    await engine.close()
