"""Who may import whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = {"luau_scorers": "scorers", "luau_model": "model", "luau_training": "training", "luau_lsp_ai": "lsp"}
MAY_IMPORT = {
    "luau_scorers": set(),
    "luau_model": {"luau_scorers"},
    "luau_training": {"luau_scorers", "luau_model"},
    "luau_lsp_ai": {"luau_scorers", "luau_model"},
}
# The only files that may import a module; a folder stands for all below it.
ONLY_IN = {
    "pygls": ("lsp",),
    "lsprotocol": ("lsp",),
    "llama_cpp": (
        "model/luau_model/engines/worker.py",
        "model/luau_model/engines/speed.py",  # run as a program of its own
        "model/luau_model/build",
    ),
    "torch": ("training", "model/luau_model/build/reference.py"),
    "peft": ("training", "model/luau_model/build/reference.py"),
    "transformers": ("training", "model/luau_model/build/reference.py"),
}


def imports(file: Path) -> Iterator[str]:
    """The first names of all modules that the file imports, at any depth, outside of ``if TYPE_CHECKING``."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_our_packages(package: str) -> None:
    for file in files(PACKAGES[package]):
        ours = {name for name in imports(file) if name in PACKAGES} - {package}
        allowed = MAY_IMPORT[package]
        if file == ROOT / "lsp/luau_lsp_ai/commands/train.py":
            allowed = allowed | {"luau_training"}
        assert ours <= allowed, f"{file} imports {ours - allowed}"


@pytest.mark.parametrize("module", ONLY_IN)
def test_modules_with_a_place(module: str) -> None:
    allowed = [ROOT / place for place in ONLY_IN[module]]
    for folder in PACKAGES.values():
        for file in files(folder):
            if module in imports(file):
                assert any(place == file or place in file.parents for place in allowed), f"{file} imports {module}"


def test_the_server_starts_without_heavy_modules() -> None:
    """Neither the model's libraries nor the scorers are loaded before they are needed."""
    heavy = {
        "torch",
        "transformers",
        "llama_cpp",
        "numpy",
        "openai",
        "rich",
        "tree_sitter",
        "luau_scorers",
        "luau_model",
    }
    light = {"luau_model", "luau_model.request"}  # the settings' defaults stand there
    code = "import sys, luau_lsp_ai.cli, luau_lsp_ai.server as s; s.build(); print(*sys.modules)"
    command = [sys.executable, "-I", "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert {name.split(".")[0] for name in set(loaded) - light} & heavy == set()
