# ruff: noqa: PLR0917 (a kernel takes its columns by position)
"""Where in a window its first maximum or minimum stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def row_number(out: NDArray[np.float64], bounds: NDArray[np.int64]) -> None:
    """Count the rows of each symbol from 0."""
    for s in range(bounds.size - 1):
        for i in range(bounds[s], bounds[s + 1]):
            out[i] = i - bounds[s]


@compiled
def merge_place_of_max(
    out: NDArray[np.float64],
    newer: NDArray[np.float64],
    older: NDArray[np.float64],
    newer_x: NDArray[np.float64],
    older_x: NDArray[np.float64],
    lag: int,
    bounds: NDArray[np.int64],
) -> None:
    """Merge the places of a window's newer and older part; the older wins a tie."""
    for s in range(bounds.size - 1):
        a, b = bounds[s], bounds[s + 1]
        middle = min(a + lag, b)
        end = b - (middle - a)
        out[a:middle] = newer[a:middle]
        result = out[middle:b]
        p0, x0, p1, x1 = newer[middle:b], newer_x[middle:b], older[a:end], older_x[a:end]
        for i in range(result.size):
            result[i] = p1[i] if x1[i] >= x0[i] else p0[i]


@compiled
def merge_place_of_min(
    out: NDArray[np.float64],
    newer: NDArray[np.float64],
    older: NDArray[np.float64],
    newer_x: NDArray[np.float64],
    older_x: NDArray[np.float64],
    lag: int,
    bounds: NDArray[np.int64],
) -> None:
    """Merge the places of a window's newer and older part; the older wins a tie."""
    for s in range(bounds.size - 1):
        a, b = bounds[s], bounds[s + 1]
        middle = min(a + lag, b)
        end = b - (middle - a)
        out[a:middle] = newer[a:middle]
        result = out[middle:b]
        p0, x0, p1, x1 = newer[middle:b], newer_x[middle:b], older[a:end], older_x[a:end]
        for i in range(result.size):
            result[i] = p1[i] if x1[i] <= x0[i] else p0[i]


@compiled
def running_place_of_max(
    out: NDArray[np.float64], x: NDArray[np.float64], bounds: NDArray[np.int64]
) -> None:
    """Find the first maximum of all rows so far."""
    for s in range(bounds.size - 1):
        best = bounds[s]
        for i in range(bounds[s], bounds[s + 1]):
            if x[i] > x[best]:
                best = i
            out[i] = best - bounds[s]


@compiled
def running_place_of_min(
    out: NDArray[np.float64], x: NDArray[np.float64], bounds: NDArray[np.int64]
) -> None:
    """Find the first minimum of all rows so far."""
    for s in range(bounds.size - 1):
        best = bounds[s]
        for i in range(bounds[s], bounds[s + 1]):
            if x[i] < x[best]:
                best = i
            out[i] = best - bounds[s]


@compiled
def place_in_window(
    out: NDArray[np.float64],
    place: NDArray[np.float64],
    count: NDArray[np.float64],
    window: int,
    bounds: NDArray[np.int64],
) -> None:
    """Count a place from 1 at the window's start; NaN where nothing is there."""
    for s in range(bounds.size - 1):
        a, b = bounds[s], bounds[s + 1]
        result, at, there = out[a:b], place[a:b], count[a:b]
        for i in range(result.size):
            start = 0 if window == 0 else max(0, i - window + 1)
            result[i] = at[i] - start + 1.0 if there[i] > 0.0 else np.nan
