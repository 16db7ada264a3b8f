"""What a GGUF file says of itself, read without loading it.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. The ``gguf`` package reads it too, in seconds
where this takes milliseconds: it makes an array of every token of the vocabulary.
"""

from __future__ import annotations

import math
import mmap
import struct
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_FILE_TYPES = {
    **{0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S"},
    **{12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K"},
    **{19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL"},
    **{26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16"},
}
_TENSOR_TYPES = {
    **{0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 10: "Q2_K", 11: "Q3_K"},
    **{12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 20: "IQ4_NL", 23: "IQ4_XS", 30: "BF16"},
}
_F16_BYTES = 2


class BadModelFile(Exception):
    """The file is no GGUF model that can be used; the message says why, as a clause."""


@dataclass(frozen=True)
class Header:
    """``kv_bytes`` is what the attention keeps of one token in half precision; ``parameters`` counts all weights."""

    architecture: str
    name: str
    quantization: str
    licence: str
    context_length: int
    parameters: int
    kv_bytes: int


def read(path: Path) -> Header:
    """Raises BadModelFile, and OSError where the file can't be read."""
    with path.open("rb") as file:
        if path.stat().st_size < 24:
            raise BadModelFile("it ends before its header does")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return _header(_Reader(data))
            except (struct.error, UnicodeDecodeError, OverflowError, MemoryError) as error:
                raise BadModelFile("it is cut off or damaged within its header") from error


def _header(reader: _Reader) -> Header:
    if reader.take(4) != _MAGIC:
        raise BadModelFile("it is no GGUF file")
    if (version := reader.number("I")) not in _VERSIONS:
        raise BadModelFile(f"it has version {version} of the GGUF format, which is not known")
    tensors, keys = reader.number("Q"), reader.number("Q")
    values: dict[str, Any] = {}
    for _ in range(keys):
        key = reader.text()
        values[key] = reader.value(reader.number("I"))
    kind = values.get("general.type", "model")
    if kind != "model":
        raise BadModelFile(f"it is of the kind {kind!r}, not a model")
    weights = _weights(reader, tensors)
    architecture = str(values.get("general.architecture", ""))
    return Header(
        architecture=architecture,
        name=str(values.get("general.name", "")),
        quantization=_FILE_TYPES.get(values.get("general.file_type", -1)) or _main_type(weights),
        licence=str(values.get("general.license", "")),
        context_length=int(values.get(f"{architecture}.context_length", 0)),
        parameters=sum(weights.values()),
        kv_bytes=_kv_bytes(architecture, values),
    )


def _weights(reader: _Reader, tensors: int) -> Counter[int]:
    """How many weights there are of each type."""
    weights: Counter[int] = Counter()
    for _ in range(tensors):
        reader.text()
        elements = math.prod(reader.number("Q") for _ in range(reader.number("I")))
        kind, _offset = reader.number("I"), reader.number("Q")
        weights[kind] += elements
    return weights


def _main_type(weights: Counter[int]) -> str:
    return _TENSOR_TYPES.get(weights.most_common(1)[0][0], "unknown") if weights else "unknown"


def _kv_bytes(architecture: str, values: dict[str, Any]) -> int:
    def value(name: str, default: int) -> int:
        found = values.get(f"{architecture}.{name}")
        return found if isinstance(found, int) else default

    heads = value("attention.head_count", 1)
    head = value("embedding_length", 0) // max(1, heads)
    per_layer = value("attention.key_length", head) + value("attention.value_length", head)
    return value("block_count", 0) * value("attention.head_count_kv", heads) * per_layer * _F16_BYTES


class _Reader:
    """Takes one value after another out of a file's bytes; raises struct.error where they end."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._place = 0

    def take(self, size: int) -> bytes:
        self._skip(size)
        return self._data[self._place - size : self._place]

    def number(self, kind: str) -> Any:
        size = struct.calcsize(kind)
        return struct.unpack(f"<{kind}", self.take(size))[0]

    def text(self) -> str:
        return self.take(self.number("Q")).decode()

    def value(self, kind: int) -> Any:
        """A value of the format's type ``kind``; of an array, None."""
        if kind == _STRING:
            return self.text()
        if kind != _ARRAY:
            return self.number(_SCALARS[kind]) if kind in _SCALARS else self._damaged()
        inner, count = self.number("I"), self.number("Q")
        if inner in _SCALARS:
            self._skip(struct.calcsize(_SCALARS[inner]) * count)
        else:
            for _ in range(count):
                if inner == _STRING:
                    self._skip(self.number("Q"))
                else:
                    self.value(inner)
        return None

    def _skip(self, size: int) -> None:
        if self._place + size > len(self._data):
            raise struct.error("the file ends")
        self._place += size

    def _damaged(self) -> None:
        raise struct.error("no such type")
