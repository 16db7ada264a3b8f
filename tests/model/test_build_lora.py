"""The adapter alone as a GGUF: on its base at run time it answers as peft does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import checkpoints
import llama_cpp
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from luau_lsp_ai.cli import cli
from luau_model.build.errors import BuildError
from luau_model.build.lora import ExportOptions, export
from luau_model.build.pipeline import BuildOptions, build
from numpy.typing import NDArray
from peft import PeftModel
from transformers import MistralForCausalLM

IDS = [1, 3, 300, 301, 302, 50, 60, 4, 310]


@pytest.fixture(scope="module")
def base(mistral: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("base") / "base.gguf"
    build(BuildOptions(str(mistral), out, quant="F16"))
    return out


def answers(base: Path, lora: Path | None) -> NDArray[np.float32]:
    llama = llama_cpp.Llama(str(base), lora_path=str(lora) if lora else None, n_ctx=64, logits_all=True, verbose=False)
    llama.eval(IDS)
    return np.array(llama.scores[: len(IDS)], np.float32)


@pytest.mark.parametrize(
    "options",
    [{}, {"r": 64, "use_rslora": True}, {"rank_pattern": {"q_proj": 4}, "alpha_pattern": {"up_proj": 64}}],
    ids=["plain", "rank-stabilized, rank 64", "ranks of their own"],
)
def test_it_answers_as_peft_does(options: dict[str, Any], mistral: Path, base: Path, tmp_path: Path) -> None:
    adapter = checkpoints.adapter(tmp_path / "lora", mistral, size=0.03, **options)
    export(ExportOptions(str(adapter), str(mistral), tmp_path / "lora.gguf"))
    with torch.no_grad():
        model = PeftModel.from_pretrained(MistralForCausalLM.from_pretrained(mistral, dtype=torch.float32), adapter)
        wanted = model(torch.tensor([IDS])).logits[0].numpy()
    got, without = answers(base, tmp_path / "lora.gguf"), answers(base, None)
    error = np.linalg.norm(got - wanted) / np.linalg.norm(wanted)
    assert error < 0.01
    assert np.linalg.norm(without - wanted) / np.linalg.norm(wanted) > 10 * error


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"use_dora": True}, "it is a DoRA"),
        ({"modules_to_save": ["lm_head"]}, "it replaces lm_head.weight whole"),
        ({"target_modules": ["embed_tokens"]}, "it changes the embedding"),
    ],
)
def test_what_can_only_be_merged_is_refused(options: dict[str, Any], why: str, mistral: Path, tmp_path: Path) -> None:
    adapter = checkpoints.adapter(tmp_path / "lora", mistral, **options)
    with pytest.raises(BuildError, match=f"{why}.*Merge it with `model build`"):
        export(ExportOptions(str(adapter), str(mistral), tmp_path / "lora.gguf"))
    assert not (tmp_path / "lora.gguf").exists()


def test_the_command_overwrites_by_force_alone(mistral: Path, lora: Path, tmp_path: Path) -> None:
    arguments = ["model", "export-lora", "--adapter", str(lora), "--base", str(mistral)]
    arguments += ["--out", str(tmp_path / "lora.gguf")]
    assert CliRunner().invoke(cli, arguments).exit_code == 0
    again = CliRunner().invoke(cli, arguments)
    assert (again.exit_code, "--force" in again.output) == (1, True)
    assert CliRunner().invoke(cli, [*arguments, "--force"]).exit_code == 0
