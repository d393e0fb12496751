"""Missing values: NaN and the infinities count as missing inside windows, as in pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def present(out: NDArray[np.float64], x: NDArray[np.float64], bounds: NDArray[np.int64]) -> None:
    """Write 1 where a value is there, 0 where it is missing."""
    for i in range(bounds[-1]):
        out[i] = 1.0 if np.isfinite(x[i]) else 0.0


@compiled
def both_present(
    out: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    bounds: NDArray[np.int64],
) -> None:
    """Write 1 where both values are there."""
    for i in range(bounds[-1]):
        out[i] = 1.0 if np.isfinite(x[i]) and np.isfinite(y[i]) else 0.0


@compiled
def not_null(out: NDArray[np.float64], x: NDArray[np.float64], bounds: NDArray[np.int64]) -> None:
    """Write 1 where a value is not NaN; infinities count."""
    for i in range(bounds[-1]):
        out[i] = 0.0 if np.isnan(x[i]) else 1.0


@compiled
def running_count(
    out: NDArray[np.float64], mask: NDArray[np.float64], bounds: NDArray[np.int64]
) -> None:
    """Count the ones of all rows so far."""
    for s in range(bounds.size - 1):
        count = 0.0
        for i in range(bounds[s], bounds[s + 1]):
            count += mask[i]
            out[i] = count


@compiled
def windowed_count(
    out: NDArray[np.float64],
    so_far: NDArray[np.float64],
    window: int,
    bounds: NDArray[np.int64],
) -> None:
    """Count the ones of a window from running counts, which are exact."""
    for s in range(bounds.size - 1):
        a, b = bounds[s], bounds[s + 1]
        middle = min(a + window, b)
        out[a:middle] = so_far[a:middle]
        result, now, before = out[middle:b], so_far[middle:b], so_far[a : b - (middle - a)]
        for i in range(result.size):
            result[i] = now[i] - before[i]


@compiled
def filled(
    out: NDArray[np.float64], x: NDArray[np.float64], value: float, bounds: NDArray[np.int64]
) -> None:
    """Replace what is missing by `value`."""
    for i in range(bounds[-1]):
        out[i] = x[i] if np.isfinite(x[i]) else value


@compiled
def filled_where(
    out: NDArray[np.float64],
    x: NDArray[np.float64],
    mask: NDArray[np.float64],
    bounds: NDArray[np.int64],
) -> None:
    """Keep `x` where `mask` is 1, otherwise 0."""
    for i in range(bounds[-1]):
        out[i] = x[i] if mask[i] > 0.0 else 0.0


@compiled
def require(
    out: NDArray[np.float64],
    x: NDArray[np.float64],
    count: NDArray[np.float64],
    least: float,
    bounds: NDArray[np.int64],
) -> None:
    """Keep `x` where `count` values at least were there, otherwise NaN."""
    for i in range(bounds[-1]):
        out[i] = x[i] if count[i] >= least else np.nan
