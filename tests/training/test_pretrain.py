"""Training the embedded model, small: real optimizer steps, a kill, a resume, and the same answers after the export."""

import json
import math
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import llama_cpp
import numpy as np
import pytest
import torch
from killed import killed_at
from luau_model.build.errors import BuildError
from luau_model.build.pipeline import BuildOptions, build
from luau_training.embedded import tokenizer
from luau_training.embedded.batches import Batch
from luau_training.embedded.pretrain import Config, Trainer, new_model
from luau_training.embedded.recipe import load_all
from transformers import AutoTokenizer, MistralForCausalLM

TINY = Config(
    seed=3,
    minutes=0.15,
    vocabulary=1024,
    hidden_size=64,
    layers=2,
    heads=2,
    context=1024,
    batch_tokens=1024,
    learning_rate=3e-3,
    warmup_steps=5,
    decided_weight=2.0,
    request_weight=0.05,
    checkpoint_minutes=0.02,
)
VOCABULARY = 600
TEXTS = [
    "local part = workspace",
    "-- é 你好 😀",
    "kill brick named TigerPearl2",
    "\tif x ~= 1 then\n\t\treturn\n\tend\n",
]


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tokenizer of the recipes, made once."""
    file = tmp_path_factory.mktemp("pieces") / "tokenizer.model"
    tokenizer.train([recipe.source for recipe in load_all()], VOCABULARY, file)
    return file


@pytest.fixture
def out(pieces: Path, tmp_path: Path) -> Path:
    """The folder of a run that has its tokenizer already."""
    (tmp_path / "run").mkdir()
    shutil.copy(pieces, tmp_path / "run" / "tokenizer.model")
    return tmp_path / "run"


def test_a_run_that_was_killed_goes_on_where_it_was_and_learns(out: Path, tmp_path: Path) -> None:
    config = tmp_path / "tiny.toml"
    config.write_text("\n".join(f"{key} = {value}" for key, value in asdict(TINY).items()))
    command = [sys.executable, "-m", "luau_training.embedded.pretrain", "--config", str(config), "--out", str(out)]
    killed_at("checkpoint ", command)
    progress = out / "checkpoint" / "progress.json"
    before = json.loads(progress.read_text())["step"]
    second = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "resumed" in second.stdout
    assert json.loads(progress.read_text())["step"] > before > 0
    losses = [float(line.split(",")[3]) for line in (out / "loss.csv").read_text().splitlines()]
    assert losses[-1] < 0.8 * math.log(VOCABULARY)
    assert (out / "loss.png").stat().st_size > 1000


def test_a_run_of_another_configuration_is_not_mixed_in(tmp_path: Path) -> None:
    trainer = Trainer(TINY, VOCABULARY)
    trainer.step(Batch(*(torch.ones(1, 4, dtype=torch.long) for _ in range(3))))
    trainer.save(tmp_path)
    assert Trainer(replace(TINY, minutes=9.0), VOCABULARY).resume(tmp_path)
    with pytest.raises(ValueError, match="another configuration"):
        Trainer(replace(TINY, hidden_size=128), VOCABULARY).resume(tmp_path)


@pytest.fixture(scope="module")
def folder(pieces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hf")
    shutil.copy(pieces, folder / "tokenizer.model")
    model = new_model(TINY, VOCABULARY)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
    model.save_pretrained(folder)
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer.HF_CONFIG))
    return folder


def test_the_gguf_gives_the_logits_of_the_trained_model(folder: Path, tmp_path: Path) -> None:
    build(BuildOptions(str(folder), tmp_path / "m.gguf", quant="F16"))
    ids = [1, 3, 300, 301, 302, 303, 4, 310, 320]
    with torch.no_grad():
        wanted = MistralForCausalLM.from_pretrained(folder)(torch.tensor([ids])).logits[0].numpy()
    model = llama_cpp.Llama(str(tmp_path / "m.gguf"), n_ctx=64, n_threads=1, verbose=False, logits_all=True)
    model.eval(ids)
    assert np.abs(model.scores[: len(ids)] - wanted).max() < 0.02 * np.abs(wanted).max()


def test_the_gguf_cuts_text_as_training_did(folder: Path, tmp_path: Path) -> None:
    build(BuildOptions(str(folder), tmp_path / "m.gguf", quant="Q8_0"))
    model = llama_cpp.Llama(str(tmp_path / "m.gguf"), n_ctx=64, vocab_only=True, verbose=False)
    pieces = tokenizer.load(folder / "tokenizer.model")
    for text in TEXTS:
        assert model.tokenize(text.encode(), add_bos=False, special=False) == pieces.encode(text)


def test_transformers_cuts_text_as_training_did(folder: Path) -> None:
    pieces = tokenizer.load(folder / "tokenizer.model")
    loaded = AutoTokenizer.from_pretrained(folder)
    for text in TEXTS:
        assert loaded.encode(text, add_special_tokens=False) == pieces.encode(text)


def test_an_export_that_fails_leaves_the_former_file(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.gguf"
    out.write_text("former")
    with pytest.raises(BuildError):
        build(BuildOptions(str(tmp_path), out, force=True))
    assert out.read_text() == "former"
    assert [path.name for path in tmp_path.iterdir()] == ["m.gguf"]
