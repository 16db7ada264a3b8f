"""What can't be built is refused in a sentence with the remedy, and nothing is left behind."""

from __future__ import annotations

import json
import re
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import checkpoints
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from luau_lsp_ai.cli import cli
from luau_model.build import doctor
from luau_model.build.errors import BuildError
from luau_model.build.pipeline import BuildOptions, build
from safetensors.torch import load_file, save_file

Fault = Callable[[Path, Path], None]
FAULTS: dict[str, tuple[Fault, str]] = {}


def fault(says: str) -> Callable[[Fault], Fault]:
    """What a function does to the base's and the adapter's folder makes the build say this."""

    def register(function: Fault) -> Fault:
        FAULTS[function.__name__] = function, says
        return function

    return register


def configure(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def change(path: Path, edit: Callable[[dict[str, torch.Tensor]], None]) -> None:
    tensors = load_file(path)
    edit(tensors)
    save_file(tensors, path)


@fault("pickle .*CVE-2025-32434.*safetensors")
def adapter_is_a_pickle(base: Path, lora: Path) -> None:
    (lora / "adapter_model.safetensors").rename(lora / "adapter_model.bin")


@fault("only pytorch_model.bin. Pickles are refused")
def base_is_a_pickle(base: Path, lora: Path) -> None:
    for path in base.glob("model*"):
        path.unlink()
    (base / "pytorch_model.bin").write_bytes(b"\x80\x04")


@fault("lacks 1 of 7 files with weights: model-00003-of-00007.safetensors")
def a_part_of_the_base_is_missing(base: Path, lora: Path) -> None:
    (base / "model-00003-of-00007.safetensors").unlink()


@fault("model-00002-of-00007.safetensors is cut off: 10 bytes are missing. Download it again")
def a_part_of_the_base_is_cut_off(base: Path, lora: Path) -> None:
    path = base / "model-00002-of-00007.safetensors"
    path.write_bytes(path.read_bytes()[:-10])


@fault("is no safetensors file")
def the_adapter_is_a_web_page(base: Path, lora: Path) -> None:
    (lora / "adapter_model.safetensors").write_text("<!DOCTYPE html><html>Not found</html>")


@fault("is no safetensors file")
def the_header_is_not_json(base: Path, lora: Path) -> None:
    (lora / "adapter_model.safetensors").write_bytes(struct.pack("<Q", 4) + b"{{{{")


@fault(r"lora_A.weight in .* not numbers \(NaN or infinity\)")
def the_adapter_has_nan(base: Path, lora: Path) -> None:
    def edit(tensors: dict[str, torch.Tensor]) -> None:
        next(tensor for name, tensor in tensors.items() if "lora_A" in name)[0, 0] = np.nan

    change(lora / "adapter_model.safetensors", edit)


@fault(r"not numbers \(NaN or infinity\).*Download it again")
def the_base_has_infinity(base: Path, lora: Path) -> None:
    def edit(tensors: dict[str, torch.Tensor]) -> None:
        next(iter(tensors.values())).view(-1)[-1] = np.inf

    change(base / "model-00004-of-00007.safetensors", edit)


@fault(r"of shape 64×256, but .* has 128×256: it is for another base, mistralai/Other")
def the_adapter_is_for_another_width(base: Path, lora: Path) -> None:
    configure(lora / "adapter_config.json", base_model_name_or_path="mistralai/Other")
    name = "base_model.model.model.layers.0.self_attn.k_proj.lora_B.weight"
    change(lora / "adapter_model.safetensors", lambda tensors: tensors.update({name: tensors[name][:64].clone()}))


@fault(r"changes model.layers.7.mlp.up_proj.weight, which .* has not")
def the_adapter_is_for_more_layers(base: Path, lora: Path) -> None:
    def edit(tensors: dict[str, torch.Tensor]) -> None:
        for side in "AB":
            name = f"base_model.model.model.layers.{{}}.mlp.up_proj.lora_{side}.weight"
            tensors[name.format(7)] = tensors[name.format(1)].clone()

    change(lora / "adapter_model.safetensors", edit)


@fault("only one half of the update")
def half_of_an_update_is_missing(base: Path, lora: Path) -> None:
    name = "base_model.model.model.layers.0.mlp.up_proj.lora_A.weight"
    change(lora / "adapter_model.safetensors", lambda tensors: tensors.pop(name))


@fault("promises rank 16 .* stores rank 8")
def the_rank_is_another(base: Path, lora: Path) -> None:
    configure(lora / "adapter_config.json", r=16)


@fault("type IA3: only LoRA and DoRA")
def it_is_no_lora(base: Path, lora: Path) -> None:
    configure(lora / "adapter_config.json", peft_type="IA3")


@fault("path_initial_model_for_weight_conversion")
def it_was_started_with_pissa(base: Path, lora: Path) -> None:
    configure(lora / "adapter_config.json", init_lora_weights="pissa_niter_4")


@fault("bias='all'")
def it_trained_biases(base: Path, lora: Path) -> None:
    configure(lora / "adapter_config.json", bias="all")


@fault("quantized already: give the original weights")
def the_base_is_quantized(base: Path, lora: Path) -> None:
    configure(base / "config.json", quantization_config={"load_in_4bit": True})


@fault("type qwen2: only mistral and llama")
def the_base_is_of_another_architecture(base: Path, lora: Path) -> None:
    configure(base / "config.json", model_type="qwen2")


@fault("has no tensor model.layers.2.input_layernorm.weight")
def the_config_promises_more_layers(base: Path, lora: Path) -> None:
    configure(base / "config.json", num_hidden_layers=3)


@fault("config.json is incomplete .*'hidden_size'")
def the_config_is_incomplete(base: Path, lora: Path) -> None:
    config = json.loads((base / "config.json").read_text())
    del config["hidden_size"]
    (base / "config.json").write_text(json.dumps(config))


@fault("421 tokens but the model has embeddings for 420.*save_embedding_layers=True")
def tokens_were_added_without_embeddings(base: Path, lora: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(base / name, lora)
    data = json.loads((lora / "tokenizer.json").read_text())
    data["added_tokens"].append({**data["added_tokens"][0], "id": 420, "content": "<new>"})
    (lora / "tokenizer.json").write_text(json.dumps(data))


@fault("has neither tokenizer.json nor tokenizer.model")
def there_is_no_tokenizer(base: Path, lora: Path) -> None:
    (base / "tokenizer.json").unlink()
    (base / "tokenizer.model").unlink()


@fault("is no hub name such as owner/model")
def the_base_is_not_there(base: Path, lora: Path) -> None:
    shutil.rmtree(base)


@pytest.mark.parametrize("name", FAULTS)
def test_it_is_refused_with_the_remedy(name: str, mistral: Path, lora: Path, tmp_path: Path) -> None:
    spoil, says = FAULTS[name]
    base, adapter, place = tmp_path / "base", tmp_path / "adapter", tmp_path / "out"
    shutil.copytree(mistral, base)
    shutil.copytree(lora, adapter)
    place.mkdir()
    out = place / "m.gguf"
    out.write_text("former")
    spoil(base, adapter)
    with pytest.raises(BuildError) as caught:
        build(BuildOptions(str(base), out, str(adapter), force=True))
    assert re.search(says, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)
    assert out.read_text() == "former"
    # what the base's weights hold is seen while they are written, and that may go on after a repair
    assert [path.name for path in place.iterdir() if not path.name.startswith(".")] == ["m.gguf"]


def test_a_choice_that_does_not_exist_is_refused(mistral: Path, tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="There is no quantization Q3_X"):
        build(BuildOptions(str(mistral), tmp_path / "m.gguf", quant="Q3_X"))
    with pytest.raises(BuildError, match="is a folder"):
        build(BuildOptions(str(mistral), tmp_path))
    (tmp_path / "file").touch()
    with pytest.raises(BuildError, match="can't be made"):
        build(BuildOptions(str(mistral), tmp_path / "file" / "m.gguf"))


def test_a_merge_brings_new_tokens_with_their_embeddings(mistral: Path, tmp_path: Path) -> None:
    import llama_cpp
    from peft import LoraConfig, get_peft_model
    from transformers import AutoTokenizer, MistralForCausalLM

    tokenizer = AutoTokenizer.from_pretrained(mistral)
    tokenizer.add_tokens(["<luau>"])
    model = MistralForCausalLM.from_pretrained(mistral)
    model.resize_token_embeddings(len(tokenizer))
    get_peft_model(model, LoraConfig(target_modules=["q_proj"])).save_pretrained(
        tmp_path / "lora", save_embedding_layers=True
    )
    tokenizer.save_pretrained(tmp_path / "lora")
    build(BuildOptions(str(mistral), tmp_path / "m.gguf", str(tmp_path / "lora"), "F16"))
    llama = llama_cpp.Llama(str(tmp_path / "m.gguf"), n_ctx=64, logits_all=True, verbose=False)
    ids = tokenizer.encode("a <luau> b")
    assert llama.tokenize(b"a <luau> b", special=True)[-3:] == ids[-3:]
    llama.eval(ids)
    with torch.no_grad():
        wanted = model.float()(torch.tensor([ids])).logits[0].numpy()
    assert np.abs(llama.scores[: len(ids)] - wanted).max() < 0.02 * np.abs(wanted).max()


def test_the_doctor_says_all_that_matters(mistral: Path, lora: Path) -> None:
    done = CliRunner().invoke(cli, ["model", "doctor", "--base", str(mistral), "--adapter", str(lora), "--json"])
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert found["fit"] is True
    said = {check["name"]: check["said"] for check in reversed(found["checks"])}
    assert "rank 8, alpha 16, scale 2, 14 matrices" in said["adapter"]
    assert "7 files, 2 layers of width 256, 420 tokens" in said["base"]
    assert "sentencepiece, 420 tokens" in said["tokenizer"]
    assert found["recommendation"].startswith("Merge")
    assert found["needs"]["disk"] > 500_000
    assert found["needs"]["seconds"] > 0


def test_the_doctor_ends_with_1_where_something_is_refused(mistral: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["model", "doctor", "--base", str(mistral), "--adapter", str(tmp_path)])
    assert done.exit_code == 1
    assert "NO    adapter" in done.stdout
    assert "Mend what is refused first." in done.stdout


def test_the_doctor_knows_a_base_of_another_name(mistral: Path, lora: Path, tmp_path: Path) -> None:
    shutil.copytree(lora, tmp_path / "lora")
    configure(tmp_path / "lora" / "adapter_config.json", base_model_name_or_path="owner/Other-7B-bnb-4bit")
    checks = doctor.diagnose(str(mistral), str(tmp_path / "lora")).checks
    assert any("trained on owner/Other-7B-bnb-4bit" in check.said for check in checks if check.verdict == "note")


def test_a_disk_that_is_too_small_is_refused_before_the_work(
    mistral: Path, lora: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(mistral)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    diagnosis = doctor.diagnose(str(mistral), str(lora))
    assert any(said.startswith("Too little disk: 0.01 GB needed, 0.0 GB free.") for said in diagnosis.refusals)
    assert "runtime adapter" in diagnosis.recommendation


def test_a_build_on_the_command_line(mistral: Path, lora: Path, tmp_path: Path) -> None:
    arguments = ["model", "build", "--base", str(mistral), "--adapter", str(lora), "--out", str(tmp_path / "m.gguf")]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    again = CliRunner().invoke(cli, arguments)
    assert again.exit_code == 1
    assert "exists. Choose another name" in again.output
    assert checkpoints.TEMPLATE.split("{%")[0].encode() in (tmp_path / "m.gguf").read_bytes()
