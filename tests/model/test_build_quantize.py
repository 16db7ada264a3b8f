"""A build gives the very bytes that llama.cpp's own quantizer gives for a whole file."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import checkpoints
import gguf
import llama_cpp
import numpy as np
import pytest
from luau_lsp_ai.commands.model.build import QUANTS
from luau_model.build import imatrix
from luau_model.build.pipeline import BuildOptions, build
from luau_model.build.quantize import QUANTIZATIONS

SHAPES: dict[str, dict[str, Any]] = {
    "9 layers, four heads to each of the values'": {"num_hidden_layers": 9, "num_attention_heads": 8},
    "rows that 256 does not divide": {"hidden_size": 192, "intermediate_size": 320, "num_attention_heads": 6},
    "rows that 32 does not divide": {"hidden_size": 144, "num_attention_heads": 4, "head_dim": 36},
    "tied": {"tie_word_embeddings": True, "num_hidden_layers": 3, "hidden_size": 256},
}


@pytest.fixture(scope="module", params=SHAPES.values(), ids=list(SHAPES))
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A base of each shape, and all of it as one GGUF with its own bf16 values."""
    folder = checkpoints.sentencepiece_tokenizer(tmp_path_factory.mktemp("base"))
    checkpoints.base(folder, **{"hidden_size": 256, "intermediate_size": 256, **request.param})
    out = folder / "whole.gguf"
    build(BuildOptions(str(folder), out, quant="BF16"))
    return folder, out


def tensors(path: Path) -> dict[str, tuple[str, bytes]]:
    return {t.name: (t.tensor_type.name, t.data.tobytes()) for t in gguf.GGUFReader(path).tensors}


def library_quantizes(source: Path, out: Path, file_type: int, importance: Any = None) -> None:
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype, params.nthread = file_type, 1
    if importance is not None:
        params.imatrix = importance
    assert llama_cpp.llama_model_quantize(str(source).encode(), str(out).encode(), params) == 0


@pytest.mark.parametrize("quant", QUANTIZATIONS)
def test_the_file_is_the_one_that_llama_cpp_makes(quant: str, whole: tuple[Path, Path], tmp_path: Path) -> None:
    folder, source = whole
    build(BuildOptions(str(folder), tmp_path / "ours.gguf", quant=quant))
    library_quantizes(source, tmp_path / "theirs.gguf", int(QUANTIZATIONS[quant].file_type))
    ours, theirs = tensors(tmp_path / "ours.gguf"), tensors(tmp_path / "theirs.gguf")
    assert {name: kind for name, (kind, _) in ours.items()} == {name: kind for name, (kind, _) in theirs.items()}
    assert ours == theirs


def test_an_importance_matrix_is_used_as_llama_cpp_uses_it(tmp_path: Path) -> None:
    folder = checkpoints.sentencepiece_tokenizer(tmp_path / "base")
    checkpoints.base(folder, num_hidden_layers=9)
    build(BuildOptions(str(folder), tmp_path / "whole.gguf", quant="BF16"))
    imatrix.make(tmp_path / "whole.gguf", tmp_path / "imatrix.gguf")
    weights = imatrix.read(tmp_path / "imatrix.gguf")
    assert len(weights) == 9 * 7
    entries = (llama_cpp.llama_model_imatrix_data * (len(weights) + 1))()
    for entry, (name, values) in zip(entries, weights.items(), strict=False):
        entry.name, entry.size = name.encode(), len(values)
        entry.data = values.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
    for quant in ("Q4_K_M", "IQ4_NL"):
        build(BuildOptions(str(folder), tmp_path / f"{quant}.gguf", quant=quant, imatrix=tmp_path / "imatrix.gguf"))
        library_quantizes(
            tmp_path / "whole.gguf", tmp_path / "theirs.gguf", int(QUANTIZATIONS[quant].file_type), entries
        )
        assert tensors(tmp_path / f"{quant}.gguf") == tensors(tmp_path / "theirs.gguf")


def test_an_importance_matrix_holds_the_mean_squares_of_what_goes_into_each_matrix(tmp_path: Path) -> None:
    """The input of the first layer's attention is the normed embedding of each token, which we can compute."""
    folder = checkpoints.sentencepiece_tokenizer(tmp_path / "base")
    checkpoints.base(folder)
    build(BuildOptions(str(folder), tmp_path / "whole.gguf", quant="BF16"))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "one.luau").write_text("-- say hello\nprint('hello')\n")
    imatrix.make(tmp_path / "whole.gguf", tmp_path / "imatrix.gguf", tmp_path / "texts")
    llama = llama_cpp.Llama(str(tmp_path / "whole.gguf"), vocab_only=True, verbose=False)
    ids = llama.tokenize(b"say hello\n\nprint('hello')\n", add_bos=True, special=True)
    embedding = next(t for t in gguf.GGUFReader(tmp_path / "whole.gguf").tensors if t.name == "token_embd.weight")
    rows = gguf.dequantize(embedding.data, embedding.tensor_type)[ids]
    normed = rows / np.sqrt(np.square(rows).mean(axis=1, keepdims=True) + 1e-6)
    got = imatrix.read(tmp_path / "imatrix.gguf")["blk.0.attn_q.weight"]
    np.testing.assert_allclose(got, np.square(normed).mean(axis=0), rtol=1e-2)


def test_the_command_offers_what_can_be_built() -> None:
    assert tuple(QUANTIZATIONS) == QUANTS
