"""Exponential means, which remember every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def exponential_mean(
    out: NDArray[np.float64], x: NDArray[np.float64], alpha: float, bounds: NDArray[np.int64]
) -> None:
    """Mean with weights (1 - alpha) to the power of age, as pandas' adjusted `ewm`."""
    for s in range(bounds.size - 1):
        mean, weight = np.nan, 1.0
        for i in range(bounds[s], bounds[s + 1]):
            there = np.isfinite(x[i])
            if not np.isnan(mean):
                weight *= 1.0 - alpha
                if there:
                    if mean != x[i]:
                        mean = (weight * mean + x[i]) / (weight + 1.0)
                    weight += 1.0
            elif there:
                mean = float(x[i])
            out[i] = mean


@compiled
def expanding_exponential_mean(
    out: NDArray[np.float64], x: NDArray[np.float64], bounds: NDArray[np.int64]
) -> None:
    """Mean of all n rows so far with weights (1 - 2 / (n + 1)) to the power of age."""
    for s in range(bounds.size - 1):
        a, seen = bounds[s], False
        for i in range(a, bounds[s + 1]):
            seen = seen or np.isfinite(x[i])
            keep = 1.0 - 2.0 / (2.0 + i - a)
            total, weights = 0.0, 0.0
            for k in range(a, i + 1):
                total = total * keep + (x[k] if np.isfinite(x[k]) else 0.0)
                weights = weights * keep + 1.0
            out[i] = total / weights if seen else np.nan
