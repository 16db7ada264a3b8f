"""What stands in for a labelling model where there is none: a server that knows the requests, and says so."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# From the request's body, with its path, to a status and a body.
Reply = Callable[[dict[str, Any]], tuple[int, object]]


@contextmanager
def labeller(requests: Mapping[str, str]) -> Iterator[str]:
    """Speaks OpenAI's protocol on this machine, and answers a script with the request that it was made for."""
    with serving(lambda body: (200, openai_answer(requests.get(body["messages"][-1]["content"], "")))) as address:
        yield f"{address}/v1"


def openai_answer(text: str) -> dict[str, object]:
    """A chat completion that says this."""
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return {"id": "1", "object": "chat.completion", "created": 0, "model": "stand-in", "choices": [choice]}


@contextmanager
def serving(reply: Reply) -> Iterator[str]:
    """A server on this machine that answers each POST by ``reply``, bytes as they are and all else as JSON."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, value = reply({**body, "path": self.path})
            data = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
