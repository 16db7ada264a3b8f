"""Supervised fine-tuning with real optimizer steps on a real 4-bit model: what it learns, resumes, and refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from killed import killed_at
from luau_training.base_model import load_adapted, load_tokenizer
from luau_training.data.rows import Row
from luau_training.estimate import Estimate, estimate, shape_of
from luau_training.options import Sft, StageError, read
from luau_training.pairs import IGNORED, encode
from luau_training.problems import messages_for
from luau_training.stages import run
from luau_training.training_run import last_checkpoint
from pairs import NAMES, SCRIPT, given, manifest, rows, write
from safetensors.torch import load_file
from transformers import MistralConfig
from trl import SFTConfig, SFTTrainer

CONFIGS = Path(__file__).parents[2] / "training" / "luau_training" / "configs"


@pytest.fixture(scope="module")
def trained(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sft")
    held = write(folder / "held.jsonl", rows(["Water", "Glass"]))
    run("sft", **given(base, folder, epochs=5.0, held_out=held, report_to="tensorboard"))
    return folder / "run"


def test_it_learns_in_four_bits_and_says_how_well(trained: Path, base: Path) -> None:
    figures = manifest(trained)["figures"]
    losses = [entry["loss"] for entry in figures["log"] if "loss" in entry]
    assert losses[-1] < 0.8 * losses[0]
    scores = [entry["eval_score"] for entry in figures["log"] if "eval_score" in entry]
    assert len(scores) == 6  # before, and after each epoch
    assert (trained / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert list((trained / "checkpoints").rglob("events.out.tfevents*"))
    adapter = json.loads((trained / "adapter" / "adapter_config.json").read_text())
    assert (adapter["r"], adapter["lora_alpha"], adapter["base_model_name_or_path"]) == (8, 16, str(base))


def test_the_manifest_says_what_it_was_made_of(trained: Path) -> None:
    found = manifest(trained)
    assert found["options"]["seed"] == 7
    assert {"torch", "trl", "peft"} <= set(found["versions"])
    (digest,) = found["inputs"].values()
    assert len(digest) == 64


def test_the_best_checkpoint_is_kept_not_the_last(base: Path, tmp_path: Path) -> None:
    held = write(tmp_path / "held.jsonl", rows(["Water"]))
    run("sft", **given(base, tmp_path, epochs=3.0, validation=held, learning_rate=0.2, warmup=0.0))
    figures = manifest(tmp_path / "run")["figures"]
    measured = [entry["eval_loss"] for entry in figures["log"] if "eval_loss" in entry][1:]
    assert figures["best value"] == pytest.approx(min(measured))
    best = tmp_path / "run" / "checkpoints" / figures["best checkpoint"]
    kept, measured_best = (
        load_file(folder / "adapter_model.safetensors") for folder in (tmp_path / "run/adapter", best)
    )
    assert all(torch.equal(kept[name].float(), measured_best[name].float()) for name in measured_best)


def test_a_run_that_was_killed_goes_on_from_its_checkpoint(base: Path, tmp_path: Path) -> None:
    options = given(base, tmp_path, epochs=60.0, checkpoint_minutes=0.0)
    config = tmp_path / "sft.toml"
    lines = (f"{name} = {json.dumps(v if not isinstance(v, Path) else str(v))}" for name, v in options.items())
    config.write_text("\n".join(lines))
    command = [str(Path(sys.executable).parent / "luau-lsp-ai"), "train", "sft", "--config", str(config)]
    killed_at("step 4 ", command)
    before = last_checkpoint(tmp_path / "run")
    assert before is not None
    done = int(before.rsplit("-", 1)[1])
    assert killed_at("step ", command).startswith(f"step {done + 1} of ")


def test_a_checkpoint_that_is_half_written_is_passed_over(tmp_path: Path) -> None:
    for step, state in ((5, "{}"), (10, '{"a": ')):
        folder = tmp_path / "checkpoints" / f"checkpoint-{step}"
        folder.mkdir(parents=True)
        (folder / "trainer_state.json").write_text(state)
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoints" / "checkpoint-5")
    assert not (tmp_path / "checkpoints" / "checkpoint-10").exists()


def test_the_loss_is_on_the_script_alone_and_on_its_end(base: Path) -> None:
    tokenizer = load_tokenizer(str(base))
    pair = encode(tokenizer, messages_for("a kill brick", "server"), "print(1)\n")
    learned = [token for token in pair["labels"] if token != IGNORED]
    assert tokenizer.decode(learned) == "print(1)\n</s>"
    asked = tokenizer.decode(pair["input_ids"][: -len(learned)])
    assert asked.startswith("<s>[INST]You are an expert Roblox Luau programmer.")
    assert asked.endswith("Request: a kill brick[/INST]")


def test_packed_pairs_do_not_see_each_other(base: Path, tmp_path: Path) -> None:
    """The logits of a pair are the same alone and behind another one in the same sequence."""
    tokenizer = load_tokenizer(str(base))
    pairs = [encode(tokenizer, messages_for(row.request, row.side), row.script) for row in rows(["Lava", "Spikes"])]
    from datasets import Dataset

    trainer = SFTTrainer(
        model=load_adapted(Sft(base=str(base), quantized=False)),
        args=SFTConfig(
            output_dir=str(tmp_path), packing=True, max_length=512, use_cpu=True, bf16=False, report_to="none"
        ),
        train_dataset=Dataset.from_list(pairs),
        processing_class=tokenizer,
    )
    (batch,) = trainer.get_train_dataloader()
    assert batch["input_ids"].shape == (1, sum(len(pair["input_ids"]) for pair in pairs))
    model = trainer.model.eval()
    with torch.no_grad():
        packed = model(input_ids=batch["input_ids"], position_ids=batch["position_ids"]).logits[0]
        start = 0
        for end in [*batch["position_ids"][0].eq(0).nonzero().flatten().tolist()[1:], packed.shape[0]]:
            alone = model(input_ids=batch["input_ids"][:, start:end]).logits[0]
            assert torch.allclose(packed[start:end], alone, atol=0.05)
            start = end


def test_a_script_that_does_not_fit_is_left_out_not_cut(base: Path, tmp_path: Path) -> None:
    long = Row("long", SCRIPT.format(name="x") * 20, "p", side="server", request="many kill bricks")
    train = write(tmp_path / "mixed.jsonl", [*rows(NAMES[:2]), long])
    run("sft", **given(base, tmp_path, train=(train,), epochs=1.0))
    assert manifest(tmp_path / "run")["figures"]["pairs"] == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base": "./nowhere"}, "base model ./nowhere can't be read"),
        ({"train": ()}, "--train is missing"),
        ({"train": ("none.jsonl",)}, "There is no file none.jsonl"),
        ({"adapter": "none"}, "none holds no adapter"),
        ({"held_out": "none"}, "none is neither a file of rows nor one of gold, evaluation"),
        ({"max_length": 16}, "The training set is empty"),
        ({"rank": 0}, "rank is 0; it must be at least 1"),
        ({"attention": "magic"}, "attention is 'magic'; it must be one of auto, sdpa, flash_attention_2"),
    ],
)
def test_bad_input_is_one_sentence(base: Path, tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(StageError, match=said) as caught:
        run("sft", **{**given(base, tmp_path), **change})
    assert "\n" not in str(caught.value)


def test_a_loss_that_is_no_number_stops_the_run_and_says_what_to_lower(base: Path, tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"The loss is (nan|inf) at step \d+: lower --learning-rate"):
        run("sft", **given(base, tmp_path, learning_rate=1e30, warmup=0.0, epochs=4.0, quantized=False))


# A machine that has little memory left when training starts.
SHORT_OF_MEMORY = """
import json, resource, sys
from luau_training import sft, stages
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + (1 << 30),) * 2)
try:
    stages.run("sft", **json.loads(sys.argv[1]))
except stages.StageError as error:
    print("told:", error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit a process's memory")
def test_where_memory_runs_out_it_says_what_to_lower(base: Path, tmp_path: Path) -> None:
    train = write(tmp_path / "many.jsonl", rows([f"Lava{number}" for number in range(600)]))
    options = {**given(base, tmp_path, batch=600, packing=False), "train": [train], "out": str(tmp_path / "run")}
    command = [sys.executable, "-c", SHORT_OF_MEMORY, json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = [line for line in done.stdout.splitlines() if line.startswith("told:")]
    where = tmp_path / "run" / "checkpoints"
    said = "Memory ran out: lower --max-length first, then --batch or --rank; the checkpoints so far are in"
    assert told == [f"told: {said} {where}."], done.stderr[-2000:]


def test_the_default_configuration_is_that_of_the_published_model() -> None:
    made = read(Sft, CONFIGS / "sft.toml", {"out": Path("x")})
    assert made == Sft(out=Path("x"))
    assert (made.rank, made.alpha, made.dropout, made.epochs, made.batch, made.accumulation) == (64, 128, 0.05, 3, 1, 8)
    assert (made.learning_rate, made.max_length, len(made.targets)) == (2e-4, 8192, 7)


def mistral_7b() -> MistralConfig:
    return MistralConfig(
        vocab_size=32768,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
    )


def test_the_estimate_knows_a_7b() -> None:
    """Mistral 7B v0.3 has 7.248B parameters, and 167.8M in an adapter of rank 64 on all seven modules."""
    shape = shape_of(mistral_7b(), Sft())
    assert shape.linear + shape.other == 7_248_023_552
    assert shape.adapter == 167_772_160
    need = estimate(shape, Sft(), tokens=1_000_000, longest=8192, processes=1, flops=300e12)
    assert 8e9 < need.memory < 16e9
    assert need.steps == 46
    two = estimate(shape, Sft(), tokens=1_000_000, longest=8192, processes=2, flops=300e12)
    assert two.seconds == pytest.approx(need.seconds / 2)


def test_the_estimate_says_what_to_lower_where_memory_is_short() -> None:
    assert "lower --max-length first" in Estimate(memory=9e9, seconds=60, steps=3).sentence(free=8e9)
    assert "lower" not in Estimate(memory=7e9, seconds=60, steps=3).sentence(free=8e9)


def test_two_processes_train_one_adapter(base: Path, tmp_path: Path) -> None:
    options = given(base, tmp_path, epochs=1.0, held_out=write(tmp_path / "held.jsonl", rows(["Water", "Glass"])))
    config = tmp_path / "sft.toml"
    lines = (f"{name} = {json.dumps(v if not isinstance(v, Path) else str(v))}" for name, v in options.items())
    config.write_text("\n".join(lines))
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--num_processes", "2", "--config_file"]
    command = [str(Path(sys.executable).parent / "luau-lsp-ai"), "train", "sft", "--config", str(config)]
    done = subprocess.run(
        [*launch, str(CONFIGS / "accelerate" / "ddp.yaml"), *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("pairs of") == 1
    figures = manifest(tmp_path / "run")["figures"]
    assert figures["steps"] == 2  # four sequences of 512 tokens hold all, and each process takes two
    assert (tmp_path / "run" / "adapter" / "adapter_model.safetensors").is_file()
