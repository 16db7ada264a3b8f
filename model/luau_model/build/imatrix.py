"""Importance matrices: how much each input of a matrix is used, so that quantization errs where it matters least.

The file format is llama.cpp's: for each matrix the sums of its inputs' squares, and over how many tokens.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

from .errors import BuildError
from .quantize import Importance

SUMS, COUNTS = ".in_sum2", ".counts"


def read(path: Path) -> dict[str, Importance]:
    """The mean squares of each matrix's inputs, by GGUF name. Raises BuildError where there are none."""
    try:
        tensors = {tensor.name: np.array(tensor.data, np.float32) for tensor in gguf.GGUFReader(path).tensors}
    except FileNotFoundError:
        raise BuildError(f"{path} is missing.") from None
    except (OSError, ValueError, KeyError, IndexError, OverflowError) as error:
        raise BuildError(f"{path} is no importance matrix in GGUF ({error}). Make one with `model imatrix`.") from None
    found = {}
    for name, sums in tensors.items():
        if name.endswith(SUMS):
            matrix = name.removesuffix(SUMS)
            count = float(tensors.get(matrix + COUNTS, np.zeros(1, np.float32)).reshape(-1)[0])
            if count > 0:
                found[matrix] = sums.reshape(-1) / np.float32(count)
    if not found:
        raise BuildError(f"{path} holds no importance of any matrix. Make one with `model imatrix`.")
    return found
