"""A model hub on this machine: the part of the Hugging Face hub's API that finding and downloading files needs.

It serves folders, ``OWNER/NAME`` below its root, as repositories at one commit. Faults are set on it while it runs.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_API = re.compile(r"/api/models/([\w.-]+/[\w.-]+)(?:/(revision|tree)/([\w.-]+))?(?:\?.*)?")
_FILE = re.compile(r"/([\w.-]+/[\w.-]+)/resolve/([\w.-]+)/([^?]+)")


@dataclass
class Hub:
    """After ``cut_after`` bytes of a file the connection breaks, and after ``stall_after`` nothing comes any more; each
    happens once. ``status`` is given instead of any answer; ``damaged`` flips a byte of what is downloaded. ``ranges``
    are those that were asked for.
    """

    root: Path
    address: str = ""
    licence: str = "apache-2.0"
    cut_after: int | None = None
    stall_after: int | None = None
    over: threading.Event = field(default_factory=threading.Event)
    status: int | None = None
    error_code: str = ""
    damaged: bool = False
    ranges: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def info(self, repository: str) -> dict[str, object]:
        folder = self.root / repository
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {
            "id": repository,
            "modelId": repository,
            "sha": COMMIT,
            "private": False,
            "tags": [f"license:{self.licence}"],
            "cardData": {"license": self.licence},
            "siblings": [self._sibling(path, path.relative_to(folder).as_posix()) for path in files],
        }

    def tree(self, repository: str) -> list[dict[str, object]]:
        siblings = self.info(repository)["siblings"]
        assert isinstance(siblings, list)
        return [
            {
                **{"type": "file", "path": file["rfilename"], "size": file["size"], "oid": file["blobId"]},
                "lfs": {**file["lfs"], "oid": file["lfs"]["sha256"]},
            }
            for file in siblings
        ]

    def _sibling(self, path: Path, name: str) -> dict[str, object]:
        data = path.read_bytes()
        oid = hashlib.sha256(data).hexdigest()
        return {
            "rfilename": name,
            "size": len(data),
            "blobId": hashlib.sha1(data).hexdigest(),
            "lfs": {"sha256": oid, "size": len(data), "pointerSize": 134},
        }


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        hub = self.hub
        hub.keys.add(self.headers.get("Authorization", ""))
        if hub.status is not None:
            self._refuse(hub.status, hub.error_code)
        elif found := _API.fullmatch(self.path):
            self._describe(*found.groups())
        elif (found := _FILE.match(self.path)) and (path := hub.root / found[1] / found[3]).is_file():
            self._give(path.read_bytes(), body=body)
        else:
            self._refuse(404, "RepoNotFound" if found is None else "EntryNotFound")

    def _describe(self, repository: str, kind: str | None, revision: str | None) -> None:
        if not (self.hub.root / repository).is_dir():
            self._refuse(404, "RepoNotFound")
        elif revision not in (None, "main", COMMIT):
            self._refuse(404, "RevisionNotFound")
        else:
            hub = self.hub
            data = json.dumps(hub.tree(repository) if kind == "tree" else hub.info(repository)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def _give(self, data: bytes, *, body: bool) -> None:
        hub = self.hub
        etag = hashlib.sha256(data).hexdigest()
        asked = self.headers.get("Range", "") if body else ""
        if body:
            hub.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").split("-")[0]) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("ETag", f'"{etag}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(data) - start))
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if not body:
            return
        if hub.damaged:
            data = data[:-1] + bytes([data[-1] ^ 1])
        end = hub.stall_after or hub.cut_after or len(data)
        self.wfile.write(data[start : start + end])
        if hub.stall_after:
            hub.stall_after = None
            hub.over.wait()
        hub.cut_after = None
        self.close_connection = True

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def serving(root: Path) -> Iterator[Hub]:
    """A running hub; its address belongs into HF_ENDPOINT."""
    hub = Hub(root)
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.over.set()
        server.shutdown()
        server.server_close()
