"""What belongs to the embedded engine beyond one process: prefixes on disk, LoRA adapters, threads, memory."""

from __future__ import annotations

import os
from pathlib import Path

import gguf
import models
import numpy as np
import pytest
from answers import answer, completion
from luau_model import gguf_header, machine
from luau_model.engines.base import EngineError
from luau_model.engines.embedded import EmbeddedEngine
from luau_model.engines.prefixes import KEPT, Prefixes

LONG = completion("a door", max_tokens=8, temperature=0)


async def once(model: Path, **options: object) -> tuple[str, float]:
    """An answer by a new process: its text, and the seconds that the prompt took."""
    engine = EmbeddedEngine(model, **options)  # type: ignore[arg-type]
    try:
        text, done = await answer(engine, LONG)
        return text, done.prompt_seconds
    finally:
        await engine.close()


@pytest.mark.asyncio
async def test_a_new_process_need_not_read_again_what_prompts_have_in_common(large: Path, cache: Path) -> None:
    text, cold = await once(large)
    (state,) = (cache / "prefixes").iterdir()
    again, warm = await once(large)
    assert again == text
    assert warm < cold / 2
    content = bytearray(state.read_bytes())
    content[-1] ^= 1
    state.write_bytes(content)  # damaged: not used
    assert (await once(large))[0] == text


def test_a_changed_model_has_other_prefixes_and_old_ones_are_forgotten(tmp_path: Path) -> None:
    model = tmp_path / "model.gguf"
    model.write_bytes(b"one")
    folder = tmp_path / "prefixes"
    Prefixes(folder, [model], "1").save([1, 2], b"state")
    assert Prefixes(folder, [model], "1").load([1, 2]) == b"state"
    assert Prefixes(folder, [model], "1").load([1]) is None
    assert Prefixes(folder, [model], "2").load([1, 2]) is None
    model.write_bytes(b"another")
    prefixes = Prefixes(folder, [model], "1")
    assert prefixes.load([1, 2]) is None
    for number in range(KEPT + 3):
        prefixes.save([number], b"state")
    assert len(list(folder.iterdir())) == KEPT


@pytest.fixture(scope="module")
def lora(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A LoRA adapter for the tiny model, and the model with the adapter merged into it."""
    folder = tmp_path_factory.mktemp("lora")
    width, rank, alpha = 64, 4, 8.0
    rng = np.random.default_rng(1)
    down = rng.standard_normal((rank, width)).astype(np.float32)
    up = rng.standard_normal((width, rank)).astype(np.float32)
    writer = gguf.GGUFWriter(folder / "adapter.gguf", "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    writer.add_tensor("blk.0.attn_output.weight.lora_a", down)
    writer.add_tensor("blk.0.attn_output.weight.lora_b", up)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    merged = models.random_model(folder / "merged.gguf", add={"blk.0.attn_output.weight": alpha / rank * up @ down})
    return folder / "adapter.gguf", merged


@pytest.mark.asyncio
async def test_a_lora_adapter_writes_what_the_merged_model_writes(
    tiny: Path, lora: tuple[Path, Path], cache: Path
) -> None:
    adapter, merged = lora
    plain, _ = await once(tiny)
    adapted, _ = await once(tiny, lora=adapter)
    assert adapted == (await once(merged))[0]
    assert adapted != plain


@pytest.mark.asyncio
@pytest.mark.parametrize("what", ["missing", "a model", "for another base"])
async def test_a_lora_adapter_that_does_not_fit_is_said(
    tiny: Path, large: Path, lora: tuple[Path, Path], tmp_path: Path, what: str
) -> None:
    model, adapter, said = {
        "missing": (tiny, tmp_path / "none.gguf", "There is no LoRA file at"),
        "a model": (tiny, tiny, "can't be used with the adapter"),
        "for another base": (large, lora[0], "can't be used with the adapter"),
    }[what]
    with pytest.raises(EngineError, match=said) as caught:
        await once(model, lora=adapter, threads=1)
    assert "\n" not in str(caught.value)


@pytest.mark.asyncio
async def test_an_adapter_in_place_of_a_model_is_said(lora: tuple[Path, Path]) -> None:
    with pytest.raises(EngineError, match="it is of the kind 'adapter', not a model"):
        await once(lora[0])


@pytest.mark.asyncio
async def test_an_unknown_architecture_is_said(tiny: Path, tmp_path: Path) -> None:
    strange = tmp_path / "strange.gguf"
    strange.write_bytes(tiny.read_bytes().replace(b"llama", b"gnome"))
    with pytest.raises(EngineError, match=r"unknown model architecture: 'gnome'.*download it again or choose another"):
        await once(strange)


@pytest.mark.asyncio
async def test_an_answer_has_the_room_that_the_prompt_leaves(tiny: Path) -> None:
    engine = EmbeddedEngine(tiny, context_limit=512)
    text, done = await answer(engine, completion("x" * 470, system=None, max_tokens=5000, temperature=1))
    assert done.finish == "length"
    assert done.prompt_tokens + done.answer_tokens == engine.context_length
    assert text
    await engine.close()


def test_the_machine_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUAU_LSP_AI_CACHE", str(tmp_path))
    first = machine.measured()
    assert first is not None
    assert 1 <= first.threads <= (os.cpu_count() or 1)
    assert 1e7 < first.bytes_per_second < 1e13
    assert 0.2 < first.several_answers < 20
    assert machine.measured() == machine.last() == first
    (tmp_path / "machine.json").write_text("{}")
    assert machine.last() is None


def test_the_header_says_what_the_library_says(tiny: Path) -> None:
    header = gguf_header.read(tiny)
    reader = gguf.GGUFReader(tiny)
    assert header.architecture == reader.fields["general.architecture"].contents()
    assert header.name == reader.fields["general.name"].contents()
    assert header.context_length == reader.fields["llama.context_length"].contents()
    assert header.parameters == sum(int(tensor.n_elements) for tensor in reader.tensors)
    assert header.quantization == "F32"
    assert header.kv_bytes == 2 * 2 * 64 * 2  # two layers, a key and a value of 64 half-precision numbers


@pytest.mark.parametrize("size", [0, 10, 23, 24, 100, 1000, 9000])
def test_a_header_that_is_cut_off_is_said(tiny: Path, tmp_path: Path, size: int) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(tiny.read_bytes()[:size])
    with pytest.raises(gguf_header.BadModelFile):
        gguf_header.read(cut)
