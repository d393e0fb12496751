"""Comparisons of symbols at one time.

A kernel takes `order`, rows sorted by time, and the bounds of times in it. NaN and the infinities
are missing and give NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def _gather(x: NDArray[np.float32], rows: NDArray[np.int64], values: NDArray[np.float64]) -> int:
    """Collect what is there; return how many."""
    count = 0
    for k in range(rows.size):
        if np.isfinite(x[rows[k]]):
            values[count] = x[rows[k]]
            count += 1
    return count


@compiled
def _mean(values: NDArray[np.float64]) -> float:
    """Mean in two passes, so that equal values have themselves as mean."""
    rough = values.sum() / values.size
    return float(rough + (values - rough).sum() / values.size)


@compiled
def rank(
    out: NDArray[np.float32],
    x: NDArray[np.float32],
    order: NDArray[np.int64],
    bounds: NDArray[np.int64],
) -> None:
    """Rank as a share; ties share their mean rank."""
    for t in range(bounds.size - 1):
        rows = order[bounds[t] : bounds[t + 1]]
        values = np.empty(rows.size, np.float64)
        count = _gather(x, rows, values)
        ordered = np.sort(values[:count])
        for row in rows:
            if np.isfinite(x[row]):
                low = np.searchsorted(ordered, np.float64(x[row]), side="left")
                high = np.searchsorted(ordered, np.float64(x[row]), side="right")
                out[row] = (low + high + 1) * 0.5 / count
            else:
                out[row] = np.nan


@compiled
def zscore(
    out: NDArray[np.float32],
    x: NDArray[np.float32],
    order: NDArray[np.int64],
    bounds: NDArray[np.int64],
) -> None:
    """Distance from the mean in standard deviations; NaN where all are equal."""
    for t in range(bounds.size - 1):
        rows = order[bounds[t] : bounds[t + 1]]
        values = np.empty(rows.size, np.float64)
        count = _gather(x, rows, values)
        mean, spread = np.nan, np.nan
        if count > 1:
            mean = _mean(values[:count])
            spread = np.sqrt(((values[:count] - mean) ** 2).sum() / (count - 1))
        for row in rows:
            there = np.isfinite(x[row]) and spread > 0.0
            out[row] = (x[row] - mean) / spread if there else np.nan


@compiled
def demean(
    out: NDArray[np.float32],
    x: NDArray[np.float32],
    order: NDArray[np.int64],
    bounds: NDArray[np.int64],
) -> None:
    """Distance from the mean."""
    for t in range(bounds.size - 1):
        rows = order[bounds[t] : bounds[t + 1]]
        values = np.empty(rows.size, np.float64)
        count = _gather(x, rows, values)
        mean = _mean(values[:count]) if count else np.nan
        for row in rows:
            out[row] = x[row] - mean if np.isfinite(x[row]) else np.nan


@compiled
def scale(
    out: NDArray[np.float32],
    x: NDArray[np.float32],
    order: NDArray[np.int64],
    bounds: NDArray[np.int64],
) -> None:
    """Value over the sum of absolute values; NaN where that is zero."""
    for t in range(bounds.size - 1):
        rows = order[bounds[t] : bounds[t + 1]]
        values = np.empty(rows.size, np.float64)
        count = _gather(x, rows, values)
        size = np.abs(values[:count]).sum()
        for row in rows:
            out[row] = x[row] / size if np.isfinite(x[row]) and size > 0.0 else np.nan


@compiled
def winsorise(
    out: NDArray[np.float32],
    x: NDArray[np.float32],
    tail: float,
    order: NDArray[np.int64],
    bounds: NDArray[np.int64],
) -> None:
    """Hold values between two quantiles, linear between neighbours."""
    for t in range(bounds.size - 1):
        rows = order[bounds[t] : bounds[t + 1]]
        values = np.empty(rows.size, np.float64)
        count = _gather(x, rows, values)
        ordered = np.sort(values[:count])
        low, high = np.nan, np.nan
        if count:
            place = tail * (count - 1)
            k = int(place)
            after = min(k + 1, count - 1)
            low = ordered[k] + (ordered[after] - ordered[k]) * (place - k)
            upper, under = ordered[count - 1 - k], ordered[count - 1 - after]
            high = upper - (upper - under) * (place - k)
        for row in rows:
            out[row] = min(max(x[row], low), high) if np.isfinite(x[row]) else np.nan


@compiled
def neutralise(
    out: NDArray[np.float32],
    x: NDArray[np.float32],
    group: NDArray[np.float32],
    order: NDArray[np.int64],
    bounds: NDArray[np.int64],
) -> None:
    """Distance from the mean of the rows with the same group; NaN without a group."""
    for t in range(bounds.size - 1):
        rows = order[bounds[t] : bounds[t + 1]]
        for row in rows:
            out[row] = np.nan
        codes = np.unique(group[rows])
        values = np.empty(rows.size, np.float64)
        for code in codes:
            own = rows[group[rows] == code]
            count = _gather(x, own, values)
            if count:
                mean = _mean(values[:count])
                for row in own:
                    out[row] = x[row] - mean if np.isfinite(x[row]) else np.nan
