"""Models by name: listed, pulled from a hub on this machine, chosen, removed; nothing is lost when it goes wrong."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

import hub_server
import models
from hub_server import Hub
from luau_model.catalog import hub as catalog_hub
from luau_model.catalog.errors import CatalogError

REPOSITORY = "someone/tiny-GGUF"
TINY = "tiny-Q4_K_M"
PIECE = 10 * 2**20  # what the library takes at a time


@dataclass
class World:
    """A hub with one repository, an empty cache, and the command line."""

    hub: Hub
    cache: Path
    environment: dict[str, str]

    @property
    def models(self) -> Path:
        return self.cache / "models"

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from luau_lsp_ai.cli import main; main()", *arguments]
        return subprocess.Popen(
            command, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """The exit code, and all that was printed, with single spaces."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return process.returncode, re.sub(r"\s+", " ", out + err)

    def pull(self, name: str = REPOSITORY) -> str:
        """Pull in this process; returns what is said where it fails."""
        try:
            catalog_hub.pull(catalog_hub.resolve(name))
        except CatalogError as error:
            return str(error)
        return ""

    def left(self) -> set[str]:
        """What lies in the folder of models."""
        return {path.name for path in self.models.glob("*")} if self.models.exists() else set()


@pytest.fixture
def world(tmp_path: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    repository = tmp_path / "hub" / REPOSITORY
    repository.mkdir(parents=True)
    shutil.copy(tiny, repository / f"{TINY}.gguf")
    with hub_server.serving(tmp_path / "hub") as hub:
        cache = tmp_path / "cache"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HF_")},
            **{"HF_ENDPOINT": hub.address, "HF_HOME": str(tmp_path / "hf"), "LUAU_LSP_AI_CACHE": str(cache)},
        }
        constants = "huggingface_hub.constants"  # read from the environment when the library was imported
        monkeypatch.setattr(f"{constants}.ENDPOINT", hub.address)
        files = f"{hub.address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(f"{constants}.HUGGINGFACE_CO_URL_TEMPLATE", files)
        monkeypatch.setenv("LUAU_LSP_AI_CACHE", str(cache))
        cache.mkdir()
        (cache / "machine.json").write_text(
            json.dumps(
                {
                    "processors": os.cpu_count(),
                    "threads": 1,
                    "bytes_per_second": 1e10,
                    "several_answers": 3.0,
                    "multiplications_per_second": 1e11,
                }
            )
        )
        yield World(hub, cache, environment)


def test_pull_use_generate_and_remove(world: World) -> None:
    writes = models.chain_model(world.hub.root / REPOSITORY / f"{TINY}.gguf", "print(1)")
    code, said = world.run("model", "pull", REPOSITORY)
    assert (code, world.left()) == (0, {f"{TINY}.gguf", f"{TINY}.json"}), said
    assert (world.models / f"{TINY}.gguf").read_bytes() == writes.read_bytes()
    note = json.loads((world.models / f"{TINY}.json").read_text())
    assert note["licence"] == "apache-2.0"
    assert note["source"].startswith(f"{REPOSITORY}/{TINY}.gguf@")

    assert world.run("model", "use", TINY)[0] == 0
    listed = {model["name"]: model for model in json.loads(world.run("model", "list", "--json")[1])}
    assert listed[TINY]["default"]
    assert not listed["luau-mini"]["default"]
    assert listed[TINY]["sha256"] == note["sha256"]
    assert "print(1)" in world.run("generate", "a door", "--candidates", "1", "--insert-anyway")[1]

    code, said = world.run("model", "remove", TINY)
    assert (code, world.left()) == (0, set())
    assert "now that is luau-mini" in said


def test_list_shows_what_can_be_built_and_whether_it_fits(world: World) -> None:
    code, said = world.run("model", "list")
    assert code == 0
    assert re.search(r"\* luau-mini 6 MB Q8_0 mit yes", said)
    assert re.search(
        r"roblox-luau-mistral-7b-rft 4\.4 GB Q4_K_M apache-2\.0 \(the base\) (yes|no, 5\.1 GB) ~2\.3", said
    )


def test_a_model_that_can_be_built_is_built_by_its_name(world: World, mistral: Path, lora: Path) -> None:
    shutil.copytree(mistral, world.hub.root / "mistralai/Mistral-7B-Instruct-v0.3")
    shutil.copytree(lora, world.hub.root / "squaredcuber/roblox-luau-mistral-7b-rft")
    code, said = world.run("model", "pull", "roblox-luau-mistral-7b-rft")
    assert code == 0, said
    listed = {model["name"]: model for model in json.loads(world.run("model", "list", "--json")[1])}
    built = listed["roblox-luau-mistral-7b-rft"]
    assert (built["state"], built["quantization"]) == ("here", "Q4_K_M")
    assert built["sha256"]
    assert listed["roblox-luau-mistral-7b"]["state"] == "to build"


def test_info_of_a_recipe_says_how_to_build_it(world: World) -> None:
    code, said = world.run("model", "info", "roblox-luau-mistral-7b")
    assert code == 0
    assert "luau-lsp-ai model build --adapter squaredcuber/roblox-luau-mistral-7b --base mistralai/" in said


def test_info_of_the_hub_says_what_a_download_would_be(world: World) -> None:
    code, said = world.run("model", "info", REPOSITORY)
    assert code == 0
    assert f"download it luau-lsp-ai model pull {REPOSITORY}" in said
    assert world.left() == set()


def test_a_killed_download_goes_on_where_it_stopped(world: World) -> None:
    content = pad(world, 3 * PIECE)
    world.hub.stall_after = 2 * PIECE + 1000
    process = world.start("model", "pull", REPOSITORY)
    wait_for(lambda: any(path.stat().st_size == 2 * PIECE for path in world.models.glob(".*.part")))
    process.kill()
    process.communicate()

    code, said = world.run("model", "pull", REPOSITORY)
    assert code == 0, said
    assert world.hub.ranges == ["", f"bytes={2 * PIECE}-"]
    assert (world.models / f"{TINY}.gguf").read_bytes() == content
    assert world.left() == {f"{TINY}.gguf", f"{TINY}.json"}


def test_a_broken_connection_is_taken_up_again_within_one_command(world: World) -> None:
    content = pad(world, 2 * PIECE)
    world.hub.cut_after = PIECE + 1000
    assert world.pull() == ""
    assert world.hub.ranges == ["", f"bytes={PIECE}-"]
    assert (world.models / f"{TINY}.gguf").read_bytes() == content


def test_a_damaged_download_does_not_replace_a_good_model(world: World, tiny: Path, large: Path) -> None:
    assert world.pull() == ""
    shutil.copy(large, world.hub.root / REPOSITORY / f"{TINY}.gguf")  # there is a newer one
    world.hub.damaged = True
    said = world.pull()
    assert "SHA-256" in said
    assert "pull it again" in said
    assert (world.models / f"{TINY}.gguf").read_bytes() == tiny.read_bytes()
    assert world.left() == {f"{TINY}.gguf", f"{TINY}.json"}

    world.hub.damaged = False
    assert world.pull() == ""
    assert (world.models / f"{TINY}.gguf").stat().st_size == large.stat().st_size


def test_a_model_that_is_here_is_not_loaded_again(world: World) -> None:
    assert world.pull() == ""
    world.hub.ranges.clear()
    assert world.pull() == ""
    assert world.hub.ranges == []


def test_what_is_no_model_is_thrown_away(world: World) -> None:
    (world.hub.root / REPOSITORY / f"{TINY}.gguf").write_bytes(b"<html>not found</html>" * 100)
    said = world.pull()
    assert world.left() == set()
    assert "it is no GGUF file" in said


def test_a_repository_with_several_files(world: World, tiny: Path) -> None:
    repository = world.hub.root / REPOSITORY
    shutil.copy(tiny, repository / "tiny-Q8_0.gguf")
    shutil.copy(tiny, repository / "other.Q8_0.gguf")
    assert world.pull(f"{REPOSITORY}:Q4_K_M") == ""
    assert world.pull(f"{REPOSITORY}@main/other.Q8_0.gguf") == ""
    said = world.pull(f"{REPOSITORY}:q8_0")
    assert "tiny-Q8_0.gguf" in said
    assert world.left() == {f"{TINY}.gguf", f"{TINY}.json", "other.Q8_0.gguf", "other.Q8_0.json"}


def test_two_repositories_with_a_file_of_the_same_name(world: World) -> None:
    assert world.pull() == ""
    shutil.copytree(world.hub.root / REPOSITORY, world.hub.root / "other/tiny-GGUF")
    said = world.pull("other/tiny-GGUF")
    assert f"from {REPOSITORY}" in said


@pytest.mark.parametrize(
    ("name", "status", "error_code", "said"),
    [
        ("nobody/nothing", None, "", "The hub has no nobody/nothing"),
        (f"{REPOSITORY}@v9", None, "", "has no revision v9"),
        (f"{REPOSITORY}/x.gguf", None, "", f"has no file x.gguf. It has: {TINY}.gguf"),
        ("!", None, "", "is no model's name"),
        (REPOSITORY, 403, "GatedRepo", "accept its licence"),
        (REPOSITORY, 401, "RepoNotFound", "your key does not open it"),
        (REPOSITORY, 503, "", "status 503"),
    ],
)
def test_what_can_not_be_pulled_is_said(
    world: World, name: str, status: int | None, error_code: str, said: str
) -> None:
    world.hub.status, world.hub.error_code = status, error_code
    assert said in world.pull(name)
    assert world.left() == set()


def test_no_network(world: World) -> None:
    world.environment["HF_ENDPOINT"] = "http://127.0.0.1:9"
    code, said = world.run("model", "pull", REPOSITORY)
    assert code == 1
    assert "The hub can't be reached" in said
    world.environment["HF_HUB_OFFLINE"] = "1"
    assert "HF_HUB_OFFLINE is set" in world.run("model", "pull", REPOSITORY)[1]


def test_too_little_room_on_the_disk_is_said_before_anything_is_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))
    said = world.pull()
    assert "make room, or set LUAU_LSP_AI_CACHE" in said
    assert world.left() == set()


@pytest.mark.skipif(os.name != "posix", reason="limits the size of a file")
def test_a_disk_that_fills_up_keeps_what_came(world: World) -> None:
    import resource

    content = pad(world, 2 * PIECE)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (PIECE + 1000, before[1]))
    try:
        said = world.pull()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "can't be written (File too large): make room" in said
    assert world.pull() == ""
    assert (world.models / f"{TINY}.gguf").read_bytes() == content


def test_what_can_not_be_used_leaves_the_choice_as_it_was(world: World, tiny: Path, tmp_path: Path) -> None:
    assert world.run("model", "pull", REPOSITORY)[0] == 0
    assert world.run("model", "use", TINY)[0] == 0
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(tiny.read_bytes()[:-1000])
    strange = tmp_path / "strange.gguf"
    strange.write_bytes(tiny.read_bytes().replace(b"llama", b"gnome"))
    for name, reason in (
        (str(cut), "can't be used"),
        (str(strange), "gnome"),
        (str(tmp_path / "none.gguf"), "There is no model file"),
        ("nothing", "There is no model nothing"),
    ):
        code, said = world.run("model", "use", name)
        assert code == 1
        assert reason in said
        assert "The choice stays as it was." in said
    model = world.models / f"{TINY}.gguf"
    content = bytearray(model.read_bytes())
    content[-1] ^= 1  # a flipped weight loads, and generates nonsense
    model.write_bytes(content)
    assert "was changed since it came" in world.run("model", "use", TINY)[1]
    assert (world.models / "default").read_text() == f"{TINY}\n"


def test_a_default_that_is_gone_gives_way_to_the_shipped_model(world: World) -> None:
    assert world.run("model", "pull", REPOSITORY)[0] == 0
    assert world.run("model", "use", TINY)[0] == 0
    (world.models / f"{TINY}.gguf").unlink()
    code, said = world.run("model", "list")
    assert code == 0
    assert "* luau-mini" in said


def test_a_model_of_ones_own_is_used_by_its_path(world: World, tiny: Path) -> None:
    assert world.run("model", "use", str(tiny))[0] == 0
    assert re.search(r"\* tiny ", world.run("model", "list")[1])
    code, said = world.run("model", "remove", str(tiny))
    assert code == 1
    assert "delete the file yourself" in said
    assert tiny.exists()


def test_the_shipped_model_stays(world: World) -> None:
    code, said = world.run("model", "remove", "luau-mini")
    assert code == 1
    assert "can't be removed" in said


def pad(world: World, size: int) -> bytes:
    """Make the hub's model at least this large by zeros behind it, which no reader minds; gives its content."""
    path = world.hub.root / REPOSITORY / f"{TINY}.gguf"
    os.truncate(path, path.stat().st_size + size)
    return path.read_bytes()


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
