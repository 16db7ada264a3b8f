"""Quantization by ggml's own routines, and llama.cpp's choice of a type for each tensor.

The routines are those of the library that llama-cpp-python brings along, called without loading llama.cpp itself.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from numpy.typing import NDArray

from .architecture import Shape
from .errors import BuildError

_LIBRARY = {"win32": "ggml-base.dll", "darwin": "libggml-base.dylib"}.get(sys.platform, "libggml-base.so")
# What llama.cpp takes where rows can't be divided into a type's blocks of 256.
_FALLBACK = {Type.Q4_K: Type.Q5_0, Type.Q5_K: Type.Q5_1, Type.Q6_K: Type.Q8_0}
Importance = NDArray[np.float32]


@dataclass(frozen=True)
class Quantization:
    """A kind of file: most matrices have ``base``; ``bits`` is its mean number of bits a weight, about."""

    name: str
    base: Type
    file_type: gguf.LlamaFileType
    bits: float


QUANTIZATIONS = {
    quantization.name: quantization
    for quantization in (
        Quantization("F16", Type.F16, gguf.LlamaFileType.MOSTLY_F16, 16.0),
        Quantization("BF16", Type.BF16, gguf.LlamaFileType.MOSTLY_BF16, 16.0),
        Quantization("Q8_0", Type.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0, 8.5),
        Quantization("Q6_K", Type.Q6_K, gguf.LlamaFileType.MOSTLY_Q6_K, 6.56),
        Quantization("Q5_K_M", Type.Q5_K, gguf.LlamaFileType.MOSTLY_Q5_K_M, 5.67),
        Quantization("Q4_K_M", Type.Q4_K, gguf.LlamaFileType.MOSTLY_Q4_K_M, 4.83),
        Quantization("IQ4_NL", Type.IQ4_NL, gguf.LlamaFileType.MOSTLY_IQ4_NL, 4.59),
    )
}


def tensor_type(
    quantization: Quantization, name: str, tensor_shape: tuple[int, ...], model: Shape, *, tied: bool, weighted: bool
) -> Type:
    """The type that llama.cpp's quantizer gives a tensor of that GGUF name, as in its ``llama_tensor_get_type``.

    ``tied``: the model has no output matrix of its own. ``weighted``: an importance matrix is used.
    """
    if len(tensor_shape) == 1:
        return Type.F32
    kind: Type = quantization.base
    fitting: Type
    if kind in (Type.F16, Type.BF16, Type.Q8_0):
        fitting = kind
    elif name == "output.weight" or (tied and name == "token_embd.weight"):
        fitting = Type.Q6_K if tensor_shape[-1] % _block(kind) == 0 else Type.Q8_0
    else:
        fitting = _mixed(kind, name, model, weighted)
    return _divisible(fitting, tensor_shape[-1])


def _mixed(kind: Type, name: str, model: Shape, weighted: bool) -> Type:
    """More bits where they matter most: attention values and the way down of the first and some later layers."""
    if not ("attn_v" in name or "ffn_down" in name):
        return kind
    layer, layers = int(name.split(".")[1]), model.layers
    if kind in (Type.Q4_K, Type.Q5_K):
        important = layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2
        return Type.Q6_K if important else kind
    if kind is Type.IQ4_NL:
        if "attn_v" in name:
            return Type.Q5_K if model.heads // model.kv_heads >= 4 else kind
        return Type.Q5_K if layer < layers // 8 and not weighted else kind
    return kind


def _block(kind: Type) -> int:
    return int(gguf.GGML_QUANT_SIZES[kind][0])


def _divisible(kind: Type, width: int) -> Type:
    if width % _block(kind) == 0:
        return kind
    kind = _FALLBACK.get(kind, Type.F16)
    return kind if width % _block(kind) == 0 else Type.F16


def row_bytes(kind: Type, width: int) -> int:
    """Bytes of one row of ``width`` values."""
    block, size = gguf.GGML_QUANT_SIZES[kind]
    return int(width // block * size)


@functools.cache
def _library() -> ctypes.CDLL:
    folder = os.environ.get("LLAMA_CPP_LIB_PATH")
    if not folder:
        spec = importlib.util.find_spec("llama_cpp")  # found, not imported: that would load all of llama.cpp
        if spec is None or spec.origin is None:
            raise BuildError("llama-cpp-python is not installed: pip install llama-cpp-python")
        folder = str(Path(spec.origin).parent / "lib")
    try:
        library = ctypes.CDLL(str(Path(folder) / _LIBRARY))
        chunk = library.ggml_quantize_chunk
    except (OSError, AttributeError) as error:
        raise BuildError(f"llama-cpp-python's library can't be used ({error}): install it anew.") from None
    floats = ctypes.POINTER(ctypes.c_float)
    chunk.restype = ctypes.c_size_t
    chunk.argtypes = [ctypes.c_int, floats, ctypes.c_void_p, *[ctypes.c_int64] * 3, floats]
    library.ggml_quantize_init.argtypes = [ctypes.c_int]
    library.ggml_quantize_init.restype = None
    return library


def prepare(kinds: Mapping[str, Type]) -> None:
    """Make ggml's tables for these types, once and before threads quantize. Raises BuildError without the library."""
    for kind in set(kinds.values()):
        _library().ggml_quantize_init(int(kind))


def quantized(rows: NDArray[np.float32], kind: Type, importance: Importance | None = None) -> NDArray[np.uint8]:
    """Rows (n, width) of float32 as bytes (n, row_bytes). ``importance`` weighs the columns, shape (width,).

    Other threads run meanwhile.
    """
    if kind == Type.F32:
        return rows.view(np.uint8)
    rows = np.ascontiguousarray(rows, np.float32)
    height, width = rows.shape
    out = np.empty((height, row_bytes(kind, width)), np.uint8)
    floats = ctypes.POINTER(ctypes.c_float)
    weights = None
    if importance is not None:
        weights = np.ascontiguousarray(importance, np.float32).ctypes.data_as(floats)
    written = _library().ggml_quantize_chunk(
        int(kind), rows.ctypes.data_as(floats), out.ctypes.data_as(ctypes.c_void_p), 0, height, width, weights
    )
    if written != out.nbytes:
        raise BuildError(f"The library wrote {written} bytes of {kind.name} where {out.nbytes} were due.")
    return out
