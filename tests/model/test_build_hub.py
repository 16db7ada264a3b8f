"""Adapters and bases by their names on a hub, here one on this machine: resume, cache, offline, and refusals."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gguf
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

import hub_server
from hub_server import COMMIT, Hub
from luau_model.build.integrity import text

PIECE = 10 * 2**20  # what the library takes at a time


@dataclass
class World:
    """A hub with a base and an adapter, and the command line with an empty cache."""

    hub: Hub
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        return {**own, "HF_ENDPOINT": self.hub.address, "HF_HOME": str(self.folder / "cache")}

    def build(self, *, base: str = "someone/base", out: str = "m.gguf", **environment: str) -> tuple[int, str]:
        """The exit code, and all that was printed, with single spaces."""
        run = "from luau_lsp_ai.cli import main; main()"
        command = [sys.executable, "-c", run, "model", "build", "--quant", "Q8_0", "--out", str(self.folder / out)]
        done = subprocess.run(
            [*command, "--adapter", "someone/lora", "--base", base],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )
        return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)


@pytest.fixture
def world(tmp_path: Path, mistral: Path, lora: Path) -> Iterator[World]:
    shutil.copytree(mistral, tmp_path / "hub" / "someone" / "base")
    shutil.copytree(lora, tmp_path / "hub" / "someone" / "lora")
    (tmp_path / "hub" / "someone" / "base" / "pytorch_model.bin").write_bytes(b"never to be downloaded")
    with hub_server.serving(tmp_path / "hub") as hub:
        yield World(hub, tmp_path)


def test_hub_names_are_downloaded_once_and_work_offline_then(world: World) -> None:
    code, said = world.build()
    assert code == 0, said
    reader = gguf.GGUFReader(world.folder / "m.gguf")
    assert text(reader, "luau_lsp_ai.base.name") == "someone/base"
    assert text(reader, "luau_lsp_ai.adapter.revision") == COMMIT
    assert not list(world.folder.rglob("cache/**/pytorch_model.bin"))
    asked = len(world.hub.ranges)
    assert world.build(out="again.gguf")[0] == 0
    assert len(world.hub.ranges) == asked
    code, said = world.build(out="offline.gguf", HF_HUB_OFFLINE="1", HF_ENDPOINT="http://127.0.0.1:9")
    assert code == 0, said
    assert (world.folder / "offline.gguf").read_bytes() == (world.folder / "m.gguf").read_bytes()


FETCH = "from luau_model.build.sources import fetch; print(fetch('someone/large', print))"


@pytest.fixture
def large(world: World) -> bytes:
    """A file that takes several pieces, in a repository of its own."""
    data = os.urandom(3 * PIECE)
    (world.hub.root / "someone" / "large").mkdir()
    (world.hub.root / "someone" / "large" / "model.safetensors").write_bytes(data)
    return data


def test_a_connection_that_breaks_is_taken_up_where_it_broke(world: World, large: bytes) -> None:
    world.hub.cut_after = 2 * PIECE + 1000
    found = subprocess.run([sys.executable, "-c", FETCH], env=world.environment, capture_output=True, text=True)
    assert (Path(found.stdout.splitlines()[-1]) / "model.safetensors").read_bytes() == large
    assert world.hub.ranges == ["", f"bytes={2 * PIECE}-"]
    assert f"model.safetensors {3 * PIECE} {3 * PIECE}\n" in found.stdout  # progress


def test_a_killed_download_goes_on_where_it_stopped(world: World, large: bytes) -> None:
    world.hub.stall_after = 2 * PIECE + 1000
    process = subprocess.Popen([sys.executable, "-c", FETCH], env=world.environment)
    until = time.monotonic() + 60
    while not any(path.stat().st_size == 2 * PIECE for path in world.folder.rglob("cache/**/*.part")):
        assert time.monotonic() < until
        time.sleep(0.02)
    process.kill()
    process.wait()
    found = subprocess.run([sys.executable, "-c", FETCH], env=world.environment, capture_output=True, text=True)
    assert (Path(found.stdout.splitlines()[-1]) / "model.safetensors").read_bytes() == large
    assert world.hub.ranges == ["", f"bytes={2 * PIECE}-"]
    assert not [*world.folder.rglob("cache/**/*.part"), *world.folder.rglob("cache/**/*.incomplete")]


def test_a_damaged_download_is_thrown_away(world: World, large: bytes) -> None:
    world.hub.damaged = True
    failed = subprocess.run([sys.executable, "-c", FETCH], env=world.environment, capture_output=True, text=True)
    assert "came damaged and was thrown away" in failed.stderr
    world.hub.damaged = False
    found = subprocess.run([sys.executable, "-c", FETCH], env=world.environment, capture_output=True, text=True)
    assert (Path(found.stdout.splitlines()[-1]) / "model.safetensors").read_bytes() == large


def test_a_name_that_the_hub_does_not_have(world: World) -> None:
    code, said = world.build(base="someone/none")
    assert code == 1
    assert "The hub has no someone/none, or your key does not open it" in said
    code, said = world.build(base="someone/base@none")
    assert "someone/base has no revision none" in said


def test_a_wrong_key_and_a_licence_that_was_not_accepted(world: World) -> None:
    world.hub.status = 401
    assert "does not accept your key for someone/lora: run `hf auth login`" in world.build(HF_TOKEN="hf_wrong")[1]
    world.hub.status, world.hub.error_code = 403, "GatedRepo"
    assert "accept its licence" in world.build()[1]


def test_no_network(world: World) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    code, said = world.build(HF_ENDPOINT=nobody)
    assert code == 1
    assert "someone/lora is not in the cache and the hub can't be reached" in said
    assert "Traceback" not in said
    code, said = world.build(HF_HUB_OFFLINE="1")
    assert "check the network and HF_ENDPOINT, and that HF_HUB_OFFLINE is not set" in said
    assert not (world.folder / "m.gguf").exists()
