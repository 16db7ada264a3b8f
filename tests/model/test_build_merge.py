"""A merge gives the weights that peft's own merge gives, whatever the adapter's options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bitsandbytes.functional
import checkpoints
import numpy as np
import pytest
import torch
from luau_model.build import inputs, nf4
from luau_model.build.architecture import gguf_name
from luau_model.build.merge import Merger
from luau_model.build.quantize import QUANTIZATIONS
from peft import PeftModel
from transformers import MistralForCausalLM

ADAPTERS: dict[str, dict[str, Any]] = {
    "rank 1": {"r": 1},
    "rank 64": {"r": 64, "lora_alpha": 128},
    "rank-stabilized": {"use_rslora": True},
    "DoRA": {"use_dora": True},
    "some modules": {"target_modules": ["q_proj", "v_proj"], "layers_to_transform": [1]},
    "ranks of their own": {"rank_pattern": {"q_proj": 4, "layers.1.mlp.up_proj": 2}, "alpha_pattern": {"k_proj": 64}},
    "whole matrices": {"modules_to_save": ["lm_head", "embed_tokens"]},
    "the embedding": {"target_modules": ["embed_tokens", "lm_head", "q_proj"]},
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = checkpoints.sentencepiece_tokenizer(tmp_path_factory.mktemp("base"))
    return checkpoints.base(folder, shards=True, hidden_size=128, intermediate_size=192)


def merged(base: Path, adapter: Path) -> dict[str, torch.Tensor]:
    model = MistralForCausalLM.from_pretrained(base, dtype=torch.float32)
    state: dict[str, torch.Tensor] = PeftModel.from_pretrained(model, adapter).merge_and_unload().state_dict()
    return state


@pytest.mark.parametrize("options", ADAPTERS.values(), ids=list(ADAPTERS))
def test_the_weights_are_those_of_pefts_merge(options: dict[str, Any], base: Path, tmp_path: Path) -> None:
    adapter = checkpoints.adapter(tmp_path, base, **options)
    wanted = {gguf_name(name): tensor.numpy() for name, tensor in merged(base, adapter).items()}
    original = MistralForCausalLM.from_pretrained(base, dtype=torch.float32).state_dict()
    changed = 0
    for planned in inputs.load(str(base), str(adapter)).plan(QUANTIZATIONS["F16"], "original", {}):
        expected = wanted.pop(planned.name).reshape(-1, planned.source.width)
        rows = np.concatenate([Merger(planned).merged(start, stop) for start, stop in planned.chunks()])
        np.testing.assert_allclose(rows, expected, rtol=1e-4, atol=1e-6)
        before = {gguf_name(name): tensor for name, tensor in original.items()}[planned.name]
        changed += not np.array_equal(before.numpy().reshape(expected.shape), expected)
    assert not wanted
    assert changed


def test_chunks_of_rows_give_what_the_whole_gives(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = checkpoints.adapter(tmp_path, base, use_dora=True)
    plan = inputs.load(str(base), str(adapter)).plan(QUANTIZATIONS["Q4_K_M"], "nf4", {})
    whole = {planned.name: Merger(planned).finished(0, planned.source.height) for planned in plan}
    monkeypatch.setattr("luau_model.build.merge._CHUNK", 1 << 12)
    for planned in plan:
        assert len(planned.chunks()) > 1 or planned.source.height * planned.source.width <= 1 << 13
        parts = np.concatenate([Merger(planned).finished(start, stop) for start, stop in planned.chunks()])
        assert np.array_equal(parts, whole[planned.name]), planned.name


@pytest.mark.parametrize("shape", [(3, 64), (192, 128), (256, 1024)])
def test_the_nf4_round_trip_is_that_of_bitsandbytes(shape: tuple[int, int]) -> None:
    weights = torch.randn(shape, generator=torch.Generator().manual_seed(0)) * 0.02
    weights[0, :64] = 0
    stored, state = bitsandbytes.functional.quantize_4bit(weights, quant_type="nf4", compress_statistics=True)
    wanted = bitsandbytes.functional.dequantize_4bit(stored, state).numpy()
    found, maxima = nf4.matrix_maxima(*shape, lambda start, stop: weights[start:stop].numpy(), 7)
    got = nf4.round_trip(weights.numpy(), found, maxima)
    # both round maxima that lie between two codes; which way is chance in the last bit
    assert np.mean(np.abs(got - wanted) > 1e-6) < 0.01
    assert np.abs(got - wanted).max() < 0.02 * np.abs(wanted).max()


def test_merging_into_nf4_changes_the_linear_layers_alone(base: Path, tmp_path: Path) -> None:
    ready = inputs.load(str(base), str(checkpoints.adapter(tmp_path, base)))
    plan = ready.plan(QUANTIZATIONS["F16"], "nf4", {})
    assert {planned.name.split(".")[-2] for planned in plan if planned.nf4} == {
        "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down",
    }  # fmt: skip
