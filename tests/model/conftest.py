"""The models that the tests share, made once a session."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import models
from luau_model import machine
from walker import Walker

# Each byte occurs once; é, 漢 and 🙂 are two, three and four bytes, and each byte is a token of its own.
CHAIN_TEXT = "é漢🙂!"


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing of the user's is read or written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUAU_LSP_AI_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own, in which the machine was measured already."""
    monkeypatch.setenv("LUAU_LSP_AI_CACHE", str(tmp_path))
    measurement = machine.Measurement(os.cpu_count() or 1, 1, 1e9, 3.0, 1e10)
    (tmp_path / "machine.json").write_text(json.dumps(vars(measurement)))
    return tmp_path


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that writes noise, fast."""
    return models.random_model(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of 85 million parameters: long enough at a prompt to be interrupted."""
    path = tmp_path_factory.mktemp("models") / "large.gguf"
    return models.random_model(path, width=768, layers=12, hidden=2304)


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that always writes CHAIN_TEXT and stops."""
    return models.chain_model(tmp_path_factory.mktemp("models") / "chain.gguf", CHAIN_TEXT)


@pytest.fixture(scope="session")
def walker(tiny: Path) -> Walker:
    """Walks texts through the grammar."""
    return Walker(tiny)


@pytest.fixture(scope="session")
def mistral(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Hugging Face folder of a small Mistral in several files."""
    import checkpoints  # torch is slow to import, and most tests need none

    folder = checkpoints.sentencepiece_tokenizer(tmp_path_factory.mktemp("mistral"))
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# A model\n")
    return checkpoints.base(folder, shards=True)


@pytest.fixture(scope="session")
def lora(mistral: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a LoRA adapter of that Mistral."""
    import checkpoints

    return checkpoints.adapter(tmp_path_factory.mktemp("lora"), mistral)
