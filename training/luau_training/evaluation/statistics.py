"""How sure a figure is: bootstrap over problems, and a paired test of two models on the same problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

_ROUNDS = 5_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[float], seed: int) -> Interval:
    """Percentile bootstrap over the problems (Efron 1979)."""
    data = np.asarray(values, float)
    if len(data) < 2 or np.ptp(data) == 0:
        return Interval(float(data.mean()), float(data.mean()), float(data.mean()))
    found = stats.bootstrap(
        (data,), np.mean, n_resamples=_ROUNDS, method="percentile", rng=np.random.default_rng(seed)
    ).confidence_interval
    return Interval(float(data.mean()), float(found.low), float(found.high))


def paired_p(one: Sequence[float], other: Sequence[float], seed: int) -> float:
    """The two-sided p-value of the mean difference, by flipping signs at random (Fisher's paired permutation test)."""
    differences = np.asarray(one, float) - np.asarray(other, float)
    if not differences.any():
        return 1.0
    test = stats.permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=_ROUNDS,
        rng=np.random.default_rng(seed),
    )
    return float(test.pvalue)
