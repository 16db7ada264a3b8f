"""Poor clients, bad settings, and a model that dies."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from lsp_client import PATIENCE, REQUEST, Editor, editor, server_command, until
from lsprotocol import types

pytestmark = pytest.mark.asyncio
URI = "file:///workspace/a.luau"


def process(ed: Editor) -> psutil.Process:
    server = ed.client._server
    assert server is not None
    return psutil.Process(server.pid)


def without_edits(capabilities: types.ClientCapabilities) -> None:
    """A client that shows what it gets, and no more."""
    capabilities.workspace = None
    capabilities.window = None


async def test_without_edits_the_answer_holds_the_script() -> None:
    async with editor(change=without_edits) as ed:
        buffer = ed.open(URI, f"-- {REQUEST}\n")
        action = (await ed.actions(URI, 0))[0]
        assert action.command is not None
        params = types.ExecuteCommandParams(action.command.command, action.command.arguments)
        result: Any = await ed.client.workspace_execute_command_async(params)
        assert result["script"]
        assert not result["applied"]
        assert ed.shown()
        assert not ed.client.progress_reports
        assert buffer.inserted() == ""


def without_literals(capabilities: types.ClientCapabilities) -> None:
    """A client from before code actions had kinds."""
    assert capabilities.text_document is not None
    assert capabilities.text_document.code_action is not None
    capabilities.text_document.code_action.code_action_literal_support = None


async def test_old_clients_get_commands() -> None:
    async with editor(change=without_literals) as ed:
        ed.open(URI, f"-- {REQUEST}\n")
        params = {"textDocument": {"uri": URI}, "range": _range(0), "context": {"diagnostics": []}}
        commands = await ed.raw_request(types.TEXT_DOCUMENT_CODE_ACTION, params)
        assert [each["command"] for each in commands] == ["luau-lsp-ai.generate", "luau-lsp-ai.alternatives"]


def _range(line: int) -> dict[str, Any]:
    return {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}


async def test_bad_settings_are_named_once_and_defaults_used() -> None:
    options = {"candidates": 99, "temperature": "hot", "diagnostics": "yes", "maxTokens": 512}
    async with editor(options=options) as ed:
        ed.open(URI, "wait(1)\n")
        await ed.shows(URI, bool)
        (message,) = ed.shown()
        assert all(name in message for name in ("candidates", "temperature", "diagnostics"))
        assert "maxTokens" not in message


async def test_settings_apply_live() -> None:
    async with editor() as ed:
        ed.open(URI, "wait(1)\n")
        await ed.shows(URI, bool)
        for values, there in (({"diagnostics": False}, False), ({"diagnostics": True}, True)):
            ed.client.set_configuration({"luau-lsp-ai": values})
            ed.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
            await ed.shows(URI, lambda found, there=there: bool(found) is there, "the change")


async def test_pushed_settings_apply_live() -> None:
    async with editor(change=without_edits) as ed:
        ed.open(URI, "wait(1)\n")
        await ed.shows(URI, bool)
        settings = {"luau-lsp-ai": {"diagnostics": False}}
        ed.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
        await ed.shows(URI, lambda found: not found, "the change")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"model": "/nowhere/model.gguf"}, "There is no model file"),
        ({"engine": "http"}, "needs the address"),
        ({"engine": "http", "endpoint": "http://127.0.0.1:9/v1", "model": "m"}, "127.0.0.1:9"),
    ],
)
async def test_what_the_engine_can_not_do_is_said(options: dict[str, Any], sentence: str) -> None:
    async with editor(options=options) as ed:
        buffer = ed.open(URI, f"-- {REQUEST}\nwait(1)\n")
        await ed.write(URI, 0)
        await until(lambda: any(sentence in message for message in ed.shown()), "the sentence", 30)
        assert buffer.inserted() == ""
        assert await ed.actions(URI, 0)


async def test_a_corrupt_model_is_said(tmp_path: Path) -> None:
    model = tmp_path / "broken.gguf"
    model.write_bytes(b"GGUF" + b"\x00" * 5000)
    async with editor(options={"model": str(model)}) as ed:
        ed.open(URI, f"-- {REQUEST}\n")
        await ed.write(URI, 0)
        await until(lambda: any("broken.gguf" in message for message in ed.shown()), "the sentence", 30)


async def test_the_model_is_killed_in_mid_generation() -> None:
    """The user is told or does not notice, the file stays whole, and the next request is served."""
    async with editor() as ed:
        buffer = ed.open(URI, f"-- {REQUEST}\nlocal a\n")
        writes = ed.writing()
        work = asyncio.ensure_future(ed.write(URI, 0))
        await until(writes, "the first tokens")
        children = process(ed).children(recursive=True)
        assert children
        for child in children:
            child.kill()
        await asyncio.wait_for(work, PATIENCE)
        assert ed.shown() or buffer.inserted()
        assert buffer.typed() == f"-- {REQUEST}\nlocal a\n"
        assert await ed.actions(URI, 0)
        other = URI.replace("a.luau", "b.luau")
        ed.open(other, f"-- {REQUEST}\nlocal a\n")
        assert await ed.generate(other, 0)


async def test_the_model_ends_with_the_server() -> None:
    async with editor() as ed:
        ed.open(URI, f"-- {REQUEST}\n")
        writes = ed.writing()
        await ed.command("generate", {"uri": URI, "line": 0})
        await until(writes, "the first tokens")
        children = process(ed).children(recursive=True)
        assert children
        start = time.monotonic()
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
    assert time.monotonic() - start < 5


async def test_closing_the_file_ends_its_generation() -> None:
    async with editor() as ed:
        ed.open(URI, f"-- {REQUEST}\n")
        writes = ed.writing()
        work = asyncio.ensure_future(ed.write(URI, 0))
        await until(writes, "the first tokens")
        ed.close(URI)
        result = await asyncio.wait_for(work, PATIENCE)
        assert not result["applied"]
        assert not ed.edits


def frame(message: dict[str, Any]) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


HELLO = frame({"id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": None}})
END = frame({"id": 3, "method": "shutdown"}) + frame({"method": "exit"})


def generation() -> bytes:
    item = {"uri": URI, "languageId": "luau", "version": 1, "text": f"-- {REQUEST}\n"}
    return (
        frame({"method": "initialized", "params": {}})
        + frame({"method": "textDocument/didOpen", "params": {"textDocument": item}})
        + frame(
            {
                "id": 2,
                "method": "luau-lsp-ai/generate",
                "params": {"textDocument": {"uri": URI}, "line": 0},
            }
        )
    )


async def test_stdout_carries_the_protocol_alone() -> None:
    """Every byte of a whole session, with the model's libraries loaded, belongs to a message."""
    server = subprocess.Popen(
        server_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(HELLO + generation())
    server.stdin.flush()
    ids = set()
    while 3 not in ids:
        header = server.stdout.readline()
        assert header.startswith(b"Content-Length: ")
        assert server.stdout.readline().startswith(b"Content-Type: ")
        assert server.stdout.readline() == b"\r\n"
        ids.add(json.loads(server.stdout.read(int(header.split(b":")[1]))).get("id"))
        if 2 in ids:
            with contextlib.suppress(BrokenPipeError):
                server.stdin.write(END)
                server.stdin.flush()
    server.stdin.close()
    assert server.stdout.read() == b""
    assert server.wait(10) == 0


async def test_the_end_of_the_stream_ends_the_server() -> None:
    server = subprocess.Popen(
        server_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    server.communicate(HELLO, timeout=20)
    assert server.returncode is not None


def talk(connection: socket.socket) -> None:
    connection.settimeout(20)
    connection.sendall(HELLO)
    assert connection.recv(16) == b"Content-Length: "
    connection.sendall(END)


async def test_a_socket_where_the_editor_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        port = listener.getsockname()[1]
        command = server_command(f"--socket={port}", "--clientProcessId", "1")
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
            connection, _ = listener.accept()
            with connection:
                talk(connection)
                assert server.wait(20) == 0


async def test_a_socket_where_the_server_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(server_command("--socket", f"127.0.0.1:{port}"), stderr=subprocess.DEVNULL) as server:
        until_time = time.monotonic() + 20
        while True:
            try:
                connection = socket.create_connection(("127.0.0.1", port), 1)
                break
            except OSError:
                assert time.monotonic() < until_time
                time.sleep(0.05)
        with connection:
            talk(connection)
            assert server.wait(20) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a Unix domain socket")
async def test_a_pipe(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "pipe"))
        listener.listen()
        listener.settimeout(20)
        with subprocess.Popen(server_command(f"--pipe={tmp_path / 'pipe'}"), stderr=subprocess.DEVNULL) as server:
            connection, _ = listener.accept()
            with connection:
                talk(connection)
                assert server.wait(20) == 0
