"""GGUF files of random weights in the exact shape and mix (Q4_K_M) of real models, written in constant memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[1] / "model"))

import models

Bytes = npt.NDArray[np.uint8]
Kind = gguf.GGMLQuantizationType
ROWS = 256  # rows of random weights that are made; a larger tensor repeats them in another order


@dataclass(frozen=True)
class Shape:
    """The dimensions of a Mistral model."""

    width: int
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    vocabulary: int = 32768

    @property
    def head(self) -> int:
        return self.width // self.heads


SHAPES = {
    "17M": Shape(width=256, layers=12, hidden=1024, heads=4, kv_heads=4, vocabulary=8192),
    "100M": Shape(width=768, layers=12, hidden=2048, heads=12, kv_heads=4),
    "1B": Shape(width=2048, layers=16, hidden=5632, heads=32, kv_heads=8),
    "7B": Shape(width=4096, layers=32, hidden=14336, heads=32, kv_heads=8),
}


def write(path: Path, shape: Shape, *, context: int = 32768) -> Path:
    """Write the model of a shape."""
    rng = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "llama")
    _metadata(writer, path.stem, shape, context)
    plan = list(_tensors(shape))
    for name, (rows, columns), kind in plan:
        block, size = gguf.GGML_QUANT_SIZES[kind]
        dims = (columns,) if rows == 1 else (rows, columns)
        writer.add_tensor_info(name, dims, np.dtype(np.float32), rows * columns // block * size, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for _, (rows, columns), kind in plan:
        if kind is Kind.F32:
            writer.write_tensor_data(np.ones(columns, np.float32))
            continue
        some = _weights(rng, min(rows, ROWS), columns, kind)
        writer.write_tensor_data(some[rng.integers(0, len(some), rows)])
    writer.close()
    return path


def _metadata(writer: gguf.GGUFWriter, name: str, shape: Shape, context: int) -> None:
    pieces, scores, types = models.vocabulary()
    more = shape.vocabulary - len(pieces)
    pieces += [f"▁x{number}" for number in range(more)]
    scores += [-1e6] * more
    types += [int(gguf.TokenType.NORMAL)] * more
    writer.add_name(name)
    writer.add_context_length(context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_freq_base(1e6)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_K_M)
    models.add_tokenizer(writer, pieces, scores, types)


def _tensors(shape: Shape) -> Iterator[tuple[str, tuple[int, int], Kind]]:
    """Name, (rows, columns) and type of each tensor, in llama.cpp's Q4_K_M mix."""
    width, hidden, kv = shape.width, shape.hidden, shape.kv_heads * shape.head
    yield "token_embd.weight", (shape.vocabulary, width), Kind.Q4_K
    for layer in range(shape.layers):
        eighth = shape.layers // 8
        fine = layer < eighth or layer >= 7 * eighth or (layer - eighth) % 3 == 2
        better = Kind.Q6_K if fine else Kind.Q4_K
        block = f"blk.{layer}."
        yield f"{block}attn_norm.weight", (1, width), Kind.F32
        yield f"{block}attn_q.weight", (width, width), Kind.Q4_K
        yield f"{block}attn_k.weight", (kv, width), Kind.Q4_K
        yield f"{block}attn_v.weight", (kv, width), better
        yield f"{block}attn_output.weight", (width, width), Kind.Q4_K
        yield f"{block}ffn_norm.weight", (1, width), Kind.F32
        yield f"{block}ffn_gate.weight", (hidden, width), Kind.Q4_K
        yield f"{block}ffn_up.weight", (hidden, width), Kind.Q4_K
        yield f"{block}ffn_down.weight", (width, hidden), better
    yield "output_norm.weight", (1, width), Kind.F32
    yield "output.weight", (shape.vocabulary, width), Kind.Q6_K


def _weights(rng: np.random.Generator, rows: int, columns: int, kind: Kind) -> Bytes:
    """Random blocks: bytes as they come, but scales that make the weights about 0.02 large."""
    block, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (rows, columns // block, size), np.uint8)

    def put(place: int, value: float) -> None:
        blocks[:, :, place : place + 2] = np.frombuffer(np.float16(value).tobytes(), np.uint8)

    if kind is Kind.Q4_K:  # scale, scale of the minimum, 12 bytes of 6-bit scales, 4-bit weights
        put(0, 1e-4)
        put(2, 7.5e-4)
    else:  # Q6_K: 6-bit weights, 16 signed scales, scale
        put(size - 2, 2e-5)
    return blocks.reshape(rows, -1)
