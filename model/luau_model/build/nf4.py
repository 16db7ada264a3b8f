"""What a base looks like after 4-bit loading: the weights that a QLoRA adapter was trained on.

NormalFloat and double quantization: https://arxiv.org/abs/2305.14314, in the form of bitsandbytes' defaults: blocks of
64 weights, their maxima less the mean in blocks of 256 by an 8-bit dynamic code (https://arxiv.org/abs/2110.02861).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK, MAXIMA_BLOCK = 64, 256
Floats = NDArray[np.float32]
# 16 values, evenly likely under a normal distribution, scaled to [-1, 1] (appendix E of the paper).
CODE = np.array(
    [
        -1.0,
        -0.6961928009986877,
        -0.5250730514526367,
        -0.39491748809814453,
        -0.28444138169288635,
        -0.18477343022823334,
        -0.09105003625154495,
        0.0,
        0.07958029955625534,
        0.16093020141124725,
        0.24611230194568634,
        0.33791524171829224,
        0.44070982933044434,
        0.5626170039176941,
        0.7229568362236023,
        1.0,
    ],
    np.float32,
)


@functools.cache
def _dynamic_code() -> Floats:
    """The 256 values of the signed dynamic 8-bit code: a sign, an exponent of ten, and the rest a linear fraction."""
    values = [0.0, 1.0]
    for exponent in range(7):
        bounds = np.linspace(0.1, 1.0, 2**exponent + 1, dtype=np.float32)
        means = (bounds[:-1] + bounds[1:]) / 2 * np.float32(10.0 ** (exponent - 6))
        values += [*means.tolist(), *(-means).tolist()]
    return np.sort(np.array(values, np.float32))


def _nearest(values: NDArray[np.floating[Any]], code: Floats) -> NDArray[np.intp]:
    return np.searchsorted((code[1:] + code[:-1]) / 2, values)


def maxima(rows: Floats) -> Floats:
    """The largest magnitude of each block of 64 consecutive weights, in order."""
    result: Floats = np.abs(rows.reshape(-1, BLOCK)).max(axis=1)
    return result


def stored_maxima(found: Floats) -> Floats:
    """The maxima of a whole matrix as they come back from their own 8-bit quantization."""
    offset = found.mean(dtype=np.float32)
    centred = found - offset
    padded = np.zeros(-(-len(centred) // MAXIMA_BLOCK) * MAXIMA_BLOCK, np.float32)
    padded[: len(centred)] = centred
    blocks = padded.reshape(-1, MAXIMA_BLOCK)
    scale = np.abs(blocks).max(axis=1, keepdims=True)
    code = _dynamic_code()
    back = code[_nearest(blocks / np.where(scale == 0, 1, scale), code)] * scale
    result: Floats = back.reshape(-1)[: len(centred)] + offset
    return result


def round_trip(rows: Floats, found: Floats, stored: Floats) -> Floats:
    """Rows as they come back from NF4; ``found`` and ``stored`` are the maxima of just these rows' blocks."""
    blocks = rows.reshape(-1, BLOCK)
    scale = np.where(found == 0, 1, found)[:, None]
    back: Floats = CODE[_nearest(blocks / scale, CODE)] * stored[:, None]
    return back.reshape(rows.shape)


def matrix_maxima(height: int, width: int, read: Callable[[int, int], Floats], step: int) -> tuple[Floats, Floats]:
    """Both kinds of maxima of a matrix that ``read(start, stop)`` gives ``step`` rows at a time."""
    found = np.concatenate([maxima(read(start, min(start + step, height))) for start in range(0, height, step)])
    assert len(found) == height * width // BLOCK
    return found, stored_maxima(found)
