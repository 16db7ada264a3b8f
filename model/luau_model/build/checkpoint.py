"""Weights on disk: a folder of safetensors files, read a few rows at a time.

The format is https://huggingface.co/docs/safetensors: a JSON header with each tensor's type, shape and place.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gguf.utility import SafetensorsLocal
from numpy.typing import NDArray

from .errors import BuildError

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
_WIDTHS = {"F32": 4, "F16": 2, "BF16": 2}
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


@dataclass(frozen=True)
class Tensor:
    """One tensor in a file: ``dtype`` is F32, F16 or BF16, ``offset`` counts bytes from the file's start."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    file: Path
    offset: int

    @property
    def width(self) -> int:
        """Values in one row; a vector is one row."""
        return self.shape[-1]

    @property
    def height(self) -> int:
        return math.prod(self.shape[:-1])

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * _WIDTHS[self.dtype]

    def rows(self, start: int, stop: int) -> NDArray[np.float32]:
        """Rows ``start`` to ``stop`` as float32, shape (stop - start, width). Raises BuildError on NaN and infinity."""
        size = _WIDTHS[self.dtype]
        kind = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}[self.dtype]
        place = self.offset + start * self.width * size
        raw = np.fromfile(self.file, kind, (stop - start) * self.width, offset=place)
        if raw.size != (stop - start) * self.width:
            raise BuildError(f"{self.file} became shorter while it was read. Leave it alone and try again.")
        if self.dtype == "BF16":
            values = raw.astype(np.uint32)
            values <<= 16
            rows = values.view(np.float32)
        else:
            rows = raw.astype(np.float32, copy=False)
        if not np.isfinite(rows.sum(dtype=np.float64)):
            raise BuildError(
                f"{self.name} in {self.file} holds values that are not numbers (NaN or infinity): "
                "the file is damaged or the training diverged. Download it again, or take an earlier checkpoint."
            )
        return rows.reshape(stop - start, self.width)

    def whole(self) -> NDArray[np.float32]:
        """All rows, in the tensor's own shape."""
        return self.rows(0, self.height).reshape(self.shape)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file. Raises BuildError where there is none."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BuildError(f"{path} is missing.") from None
    except (OSError, ValueError) as error:
        raise BuildError(f"{path} can't be read as JSON ({error}). Download it again.") from None
    if not isinstance(value, dict):
        raise BuildError(f"{path} is not a JSON object. Download it again.")
    return value


def open_file(path: Path) -> dict[str, Tensor]:
    """The tensors of one safetensors file, by name. Raises BuildError where it is broken or cut off."""
    try:
        found = SafetensorsLocal(path).tensors
        size = path.stat().st_size
        tensors = {
            name: Tensor(name, tensor.dtype, tensor.shape, path, tensor.data_range.offset)
            for name, tensor in found.items()
        }
        ends = [tensor.data_range.offset + tensor.data_range.size for tensor in found.values()]
    except FileNotFoundError:
        raise BuildError(f"{path} is missing. Download the whole folder again.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, MemoryError) as error:
        why = error or type(error).__name__
        raise BuildError(f"{path} is no safetensors file ({why}). Download it again.") from None
    if ends and max(ends) > size:
        raise BuildError(f"{path} is cut off: {max(ends) - size:,} bytes are missing. Download it again.")
    for tensor in tensors.values():
        if tensor.dtype not in _WIDTHS:
            raise BuildError(
                f"{tensor.name} in {path} is stored as {tensor.dtype}: give the original weights "
                "(F32, F16 or BF16), not quantized ones."
            )
    return tensors


def open_folder(folder: Path) -> dict[str, Tensor]:
    """The tensors of a model's folder, one file or several. Raises BuildError where a part is missing or broken."""
    if (folder / INDEX).is_file():
        weight_map = read_json(folder / INDEX).get("weight_map")
        if not isinstance(weight_map, Mapping) or not all(isinstance(name, str) for name in weight_map.values()):
            raise BuildError(f"{folder / INDEX} has no weight_map. Download it again.")
        shards = sorted(set(weight_map.values()))
        missing = [shard for shard in shards if not (folder / shard).is_file()]
        if missing:
            raise BuildError(
                f"{folder} lacks {len(missing)} of {len(shards)} files with weights: {', '.join(missing)}. "
                "Download the folder again."
            )
        tensors = {name: tensor for shard in shards for name, tensor in open_file(folder / shard).items()}
        absent = sorted(set(weight_map) - set(tensors))
        if absent:
            raise BuildError(f"{folder} has no {absent[0]}, which its index promises. Download the folder again.")
        return tensors
    if (folder / SINGLE).is_file():
        return open_file(folder / SINGLE)
    raise BuildError(f"{folder} has no {SINGLE}{_pickled(folder)}")


def _pickled(folder: Path) -> str:
    pickles = sorted(path.name for path in folder.glob("*") if path.suffix in _PICKLES)
    if not pickles:
        return ": it is not a model's folder."
    return (
        f", only {pickles[0]}. Pickles are refused since loading one can run any code (CVE-2025-32434): "
        "save the weights as safetensors."
    )
