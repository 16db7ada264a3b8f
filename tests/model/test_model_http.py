"""The engine over HTTP, against a small server that speaks the protocol."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from answers import answer, completion
from luau_model.engines.base import EngineError, State
from luau_model.engines.http import HttpEngine
from luau_model.generate import Outcome, generate
from luau_model.request import Options, Request

pytestmark = pytest.mark.asyncio
Reply = Callable[[dict[str, Any], asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(reply: Reply, models: Sequence[dict[str, Any]] = ()) -> AsyncIterator[str]:
    """A server that lists ``models`` and answers each request by ``reply``; gives its address."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        if first.startswith("get "):
            writer.write(head(kind="application/json") + json.dumps({"object": "list", "data": models}).encode())
        else:
            length = int(first.split("content-length:")[1].split()[0])
            body = json.loads(await reader.readexactly(length))
            body["path"], body["head"] = first.split()[1], first
            await reply(body, writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


def head(status: str = "200 OK", kind: str = "text/event-stream") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode()


def chunk(text: str | None = None, finish: str | None = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    whole = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice], **more}
    return b"data: " + json.dumps(whole).encode() + b"\n\n"


def refusing(status: str, message: str = "no") -> Reply:
    async def reply(_body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        writer.write(head(status, "application/json") + json.dumps({"error": {"message": message}}).encode())

    return reply


# As vLLM lists a base model that is served with one LoRA adapter.
VLLM_MODELS = [
    {
        "id": "base",
        "object": "model",
        "created": 1,
        "owned_by": "vllm",
        "root": "base",
        "parent": None,
        "max_model_len": 32768,
    },
    {
        "id": "rft",
        "object": "model",
        "created": 1,
        "owned_by": "vllm",
        "root": "/rft",
        "parent": "base",
        "max_model_len": None,
    },
]


async def test_streams_and_counts() -> None:
    asked: list[dict[str, Any]] = []

    async def reply(body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        asked.append(body)
        usage = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
        writer.write(head() + chunk("local ") + chunk("é = 1") + chunk(finish="length"))
        writer.write(chunk(choices=[], usage=usage) + b"data: [DONE]\n\n")

    async with serving(reply) as address:
        engine = HttpEngine(address, "m", api_key="secret")
        text, done = await answer(engine, completion("a door", seed=5, max_tokens=9))
        assert engine.state is State.READY
        await engine.close()
    assert (text, done.finish, done.prompt_tokens, done.answer_tokens) == ("local é = 1", "length", 7, 2)
    (body,) = asked
    assert (body["path"], body["model"], body["seed"], body["max_tokens"]) == ("/v1/chat/completions", "m", 5, 9)
    assert body["messages"][-1] == {"role": "user", "content": "a door"}
    assert "authorization: bearer secret" in body["head"]


async def test_cancelling_closes_the_connection() -> None:
    closed = asyncio.Event()

    async def reply(_body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(head())
            while True:
                writer.write(chunk("x"))
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            closed.set()

    async with serving(reply) as address:
        engine = HttpEngine(address, "m")
        task = asyncio.create_task(answer(engine, completion()))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait_for(closed.wait(), 0.3)
        assert engine.state is State.READY
        await engine.close()


async def breaking_off(_body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
    writer.write(head() + chunk("local "))


async def speaking_otherwise(_body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
    writer.write(head() + b"data: hello\n\n")


async def silent(_body: dict[str, Any], _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(1)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (refusing("401 Unauthorized"), "does not take the API key"),
        (refusing("404 Not Found"), "has no model 'm'; it has base, rft: check"),
        (refusing("400 Bad Request", "context too long"), r"refused \(status 400\): context too long"),
        (breaking_off, "broke off in the middle"),
        (speaking_otherwise, "does not speak the OpenAI protocol"),
        (silent, "was silent for 0 seconds"),
        (refusing("429 Too Many Requests\r\nRetry-After: 0.01"), "too much to do .* after 4 more tries"),
        (refusing("503 Service Unavailable\r\nRetry-After: 0.01"), r"refused \(status 503\)"),
    ],
)
async def test_what_goes_wrong_is_said(reply: Reply, said: str) -> None:
    async with serving(reply, VLLM_MODELS) as address:
        engine = HttpEngine(address, "m", silence_seconds=0.3)
        with pytest.raises(EngineError, match=said):
            await answer(engine, completion())
        await engine.close()


async def test_no_server() -> None:
    engine = HttpEngine("http://127.0.0.1:9/v1", "m")
    with pytest.raises(EngineError, match=r"No server can be reached at http://127.0.0.1:9/v1: start it"):
        await answer(engine, completion())
    assert engine.state is State.FAILED
    assert await engine.count_tokens("local x = 1") == 4


async def test_an_adapter_is_asked_for_by_its_name_and_has_the_context_of_its_base() -> None:
    asked: list[dict[str, Any]] = []
    async with serving(writing(asked), VLLM_MODELS) as address:
        engine = HttpEngine(address, "rft")
        assert (await answer(engine, completion()))[0] == "local x"
        assert (asked[0]["model"], engine.context_length) == ("rft", 32768)
        await engine.close()


async def test_without_a_name_the_first_model_of_the_server_is_used() -> None:
    asked: list[dict[str, Any]] = []
    async with serving(writing(asked), VLLM_MODELS) as address:
        engine = HttpEngine(address, "")
        await answer(engine, completion())
        assert (asked[0]["model"], engine.name) == ("base", "base")
        await engine.close()


@pytest.mark.parametrize("status", ["429 Too Many Requests", "500 Internal Server Error", "503 Service Unavailable"])
async def test_a_server_that_is_busy_is_asked_again_and_each_time_later(status: str) -> None:
    times: list[float] = []

    async def reply(body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        times.append(time.monotonic())
        await (writing([]) if len(times) == 3 else refusing(status))(body, writer)

    async with serving(reply) as address:
        engine = HttpEngine(address, "m")
        assert (await answer(engine, completion()))[0] == "local x"
        await engine.close()
    first, second = times[1] - times[0], times[2] - times[1]
    assert 0.3 < first < second


async def test_the_key_is_in_no_log_and_no_message(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving(refusing("400 Bad Request", "Incorrect API key provided: sk-secret")) as address:
        engine = HttpEngine(address, "m", api_key="sk-secret")
        with pytest.raises(EngineError) as caught:
            await answer(engine, completion())
        await engine.close()
    assert "secret" not in str(caught.value)
    assert "secret" not in "".join(record.getMessage() for record in caplog.records if record.name != "asyncio")


async def test_when_the_first_script_is_not_good_enough_the_others_are_written_at_once() -> None:
    waiting: list[asyncio.StreamWriter] = []
    all_there = asyncio.Event()

    async def reply(body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        text = "local x ="  # no script
        if body["temperature"]:
            waiting.append(writer)
            if len(waiting) == 3:
                all_there.set()
            await all_there.wait()
            text = f'print("{body["seed"]}")'
        writer.write(head() + chunk(text) + chunk(finish="stop") + b"data: [DONE]\n\n")

    async with serving(reply) as address:
        engine = HttpEngine(address, "m")
        events = await asyncio.wait_for(everything(engine), 20)
        assert engine.state is State.READY
        await engine.close()
    outcome = events[-1]
    assert isinstance(outcome, Outcome)
    assert outcome.best is not None
    texts = {script.text for script in (outcome.best, *outcome.alternatives)}
    assert texts == {"local x =\n", *(f'print("{seed}")\n' for seed in (1, 2, 3))}


async def test_an_error_while_several_are_written_ends_all() -> None:
    async def reply(body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        if body["seed"] == 2:
            await refusing("400 Bad Request", "out of order")(body, writer)
        elif body["seed"]:
            await asyncio.sleep(60)
        else:
            writer.write(head() + chunk("local x =") + chunk(finish="stop") + b"data: [DONE]\n\n")

    async with serving(reply) as address:
        engine = HttpEngine(address, "m")
        with pytest.raises(EngineError, match="out of order"):
            await asyncio.wait_for(everything(engine), 20)
        await engine.close()


async def everything(engine: HttpEngine) -> list[object]:
    """All events of a generation."""
    return [event async for event in generate(engine, Request("a door"), Options(candidates=4))]


def writing(asked: list[dict[str, Any]]) -> Reply:
    """Answers ``local x`` and notes what was asked."""

    async def reply(body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        asked.append(body)
        writer.write(head() + chunk("local x") + chunk(finish="stop") + b"data: [DONE]\n\n")

    return reply
