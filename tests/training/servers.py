"""Servers for the stages that ask a model: llama.cpp's own over a real GGUF, and one that answers as it is told."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from luau_training import stand_in


@contextmanager
def llama_server(model: Path) -> Iterator[str]:
    """llama-cpp-python's OpenAI-compatible server; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(model), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--n_ctx", "2048", "--n_threads", "1"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/v1"
    try:
        _wait(f"{address}/models", server)
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


# From the request's body to a status and a body, or None for silence.
Reply = Callable[[dict[str, Any]], tuple[int, object] | None]


@contextmanager
def told_server(reply: Reply) -> Iterator[str]:
    """A server that answers each POST by ``reply``; gives its address."""
    ended = threading.Event()

    def answered(body: dict[str, Any]) -> tuple[int, object]:
        answer = reply(body)
        if answer is None:
            ended.wait(20)
        return answer or (503, b"")

    with stand_in.serving(answered) as address:
        try:
            yield address
        finally:
            ended.set()


def openai_answer(text: str) -> tuple[int, object]:
    usage = {"prompt_tokens": 50, "completion_tokens": 10, "total_tokens": 60}
    return 200, {**stand_in.openai_answer(text), "usage": usage}


def anthropic_answer(text: str) -> tuple[int, object]:
    usage = {"input_tokens": 50, "output_tokens": 10}
    content = [{"type": "text", "text": text}]
    return 200, {
        "id": "1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": content,
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage,
    }
