"""``luau-lsp-ai train``: what a person types, and what they are told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from luau_lsp_ai.commands.train import command
from luau_training.options import fields, read
from luau_training.stages import STAGES

CONFIGS = Path(__file__).parents[2] / "training" / "luau_training" / "configs"


def train(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_a_stage_that_can_not_run_says_why_in_a_sentence_and_ends_with_1(tmp_path: Path) -> None:
    typed = [str(Path(sys.executable).parent / "luau-lsp-ai"), "train", "data", "collect"]
    typed += ["--source", str(tmp_path / "none"), "--out", str(tmp_path / "out")]
    done = subprocess.run(typed, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("There is no folder, file or hub dataset")


def test_the_folder_has_to_be_given() -> None:
    assert "--out is missing" in train("data", "report", "--input", "x").stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rank = 'high'", "rank is 'high'; it must be a whole number."),
        ("rnak = 8", "there is no option 'rnak'"),
        ("rank = ", "is not TOML"),
        ("compare = ['a']", "compare is ['a']; it must be 2 texts."),
    ],
)
def test_a_config_that_can_not_be_used_is_told_of(tmp_path: Path, text: str, said: str) -> None:
    config = tmp_path / "x.toml"
    config.write_text(text)
    stage = "evaluate" if "compare" in text else "sft"
    done = train(stage, "--config", str(config), "--out", str(tmp_path / "out"))
    assert done.exit_code == 1
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_help_needs_none_of_the_heavy_libraries() -> None:
    code = "import sys, luau_lsp_ai.commands.train; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"torch", "transformers", "datasets", "trl", "openai", "datasketch"}.isdisjoint(loaded)


@pytest.mark.parametrize("stage", STAGES)
def test_help_shows_each_option_once(stage: str) -> None:
    done = train(*stage.split(), "--help")
    for name in fields(STAGES[stage][0]):
        flag = f"--{name.replace('_', '-')} "
        assert sum(line.strip().startswith(flag) for line in done.stdout.splitlines()) == 1, flag


@pytest.mark.parametrize("name", ["sft", "rft", "grpo"])
def test_the_configurations_that_come_along_can_be_read(name: str, tmp_path: Path) -> None:
    assert read(STAGES[name][0], CONFIGS / f"{name}.toml", {"out": tmp_path}).out == tmp_path
