"""The head of a GGUF file: what the model is, how it splits text, and where it comes from.

Keys follow the GGUF specification; those that it has not begin with ``luau_lsp_ai.``.
"""

from __future__ import annotations

import importlib.metadata
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

from ..prompt import VERSION
from .architecture import Shape
from .merge import Planned
from .quantize import Quantization
from .tokenizer import Vocabulary

ALIGNMENT = 32
OURS = "luau_lsp_ai."
DATA_SHA256 = f"{OURS}data.sha256"
# Stands where the SHA-256 of the tensor data will; that is known only when all of it is written.
UNKNOWN_SHA256 = "0" * 64


@dataclass(frozen=True)
class Origin:
    """Where a model comes from. ``strings`` are general.* keys, ``ours`` those of our own; empty ones are left out."""

    strings: Mapping[str, str]
    ours: Mapping[str, str | float | Sequence[str]]


def head(
    shape: Shape, vocabulary: Vocabulary, quantization: Quantization, origin: Origin, plan: Sequence[Planned]
) -> bytes:
    """All that stands before the tensor data, padded to where that begins."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "head.gguf"
        writer = gguf.GGUFWriter(path, "llama")
        writer.add_type(gguf.GGUFType.MODEL)
        for key, text in origin.strings.items():
            if text:
                writer.add_string(f"general.{key}", text)
        writer.add_file_type(quantization.file_type)
        writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
        shape.describe(writer)
        vocabulary.describe(writer, shape.vocabulary)
        _add_ours(writer, quantization, origin)
        for planned in plan:
            writer.add_tensor_info(
                planned.name, planned.source.shape, np.dtype(np.float32), planned.nbytes, raw_dtype=planned.kind
            )
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        writer.close()
        data = path.read_bytes()
    return data + bytes(-len(data) % ALIGNMENT)


def _add_ours(writer: gguf.GGUFWriter, quantization: Quantization, origin: Origin) -> None:
    writer.add_string(f"{OURS}version", importlib.metadata.version("luau-lsp-ai"))
    writer.add_uint32(f"{OURS}prompt_version", VERSION)
    writer.add_string(f"{OURS}quantization", quantization.name)
    for key, value in origin.ours.items():
        if isinstance(value, str):
            if value:
                writer.add_string(OURS + key, value)
        elif isinstance(value, float):
            writer.add_float32(OURS + key, value)
        elif value:
            writer.add_array(OURS + key, list(value))
    writer.add_string(DATA_SHA256, UNKNOWN_SHA256)


def sealed(data: bytes, sha256: str) -> bytes:
    """The head with the tensor data's SHA-256 in its place."""
    place = data.index(UNKNOWN_SHA256.encode(), data.index(DATA_SHA256.encode()))
    return data[:place] + sha256.encode() + data[place + 64 :]
