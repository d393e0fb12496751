# ruff: noqa: PLR0917 (a kernel takes its columns by position)
"""Windows built from shorter windows: a window of n rows is its newer and its older part.

Every function merges `newer`, the statistic of the newest rows, with `older`, the statistic of the
rows before them, which ended `lag` rows ago. A window of n costs about log2(n) merges, vectorised,
and no sum runs on from row to row: there is no drift, and no value depends on rows outside its
window. Moments are merged as in Chan, Golub and LeVeque (1979) and Pebay (2008), which keeps them
exact where sums of squares would cancel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@compiled
def merge_sum(
    out: NDArray[np.float64],
    newer: NDArray[np.float64],
    older: NDArray[np.float64],
    lag: int,
    bounds: NDArray[np.int64],
) -> None:
    """Sum of both parts."""
    for s in range(bounds.size - 1):
        a, b = bounds[s], bounds[s + 1]
        middle = min(a + lag, b)
        out[a:middle] = newer[a:middle]
        result, left, right = out[middle:b], newer[middle:b], older[a : b - (middle - a)]
        for i in range(result.size):
            result[i] = left[i] + right[i]


@compiled
def merge_max(
    out: NDArray[np.float64],
    newer: NDArray[np.float64],
    older: NDArray[np.float64],
    lag: int,
    bounds: NDArray[np.int64],
) -> None:
    """Maximum of both parts, which may overlap."""
    for s in range(bounds.size - 1):
        a, b = bounds[s], bounds[s + 1]
        middle = min(a + lag, b)
        out[a:middle] = newer[a:middle]
        result, left, right = out[middle:b], newer[middle:b], older[a : b - (middle - a)]
        for i in range(result.size):
            result[i] = left[i] if left[i] > right[i] else right[i]  # noqa: FURB136 (compiles to one instruction)


@compiled
def merge_min(
    out: NDArray[np.float64],
    newer: NDArray[np.float64],
    older: NDArray[np.float64],
    lag: int,
    bounds: NDArray[np.int64],
) -> None:
    """Minimum of both parts, which may overlap."""
    for s in range(bounds.size - 1):
        a, b = bounds[s], bounds[s + 1]
        middle = min(a + lag, b)
        out[a:middle] = newer[a:middle]
        result, left, right = out[middle:b], newer[middle:b], older[a : b - (middle - a)]
        for i in range(result.size):
            result[i] = left[i] if left[i] < right[i] else right[i]  # noqa: FURB136 (compiles to one instruction)


@compiled
def merge_comoment(
    out: NDArray[np.float64],
    newer: NDArray[np.float64],
    older: NDArray[np.float64],
    newer_x: NDArray[np.float64],
    older_x: NDArray[np.float64],
    newer_y: NDArray[np.float64],
    older_y: NDArray[np.float64],
    newer_count: NDArray[np.float64],
    older_count: NDArray[np.float64],
    lag: int,
    bounds: NDArray[np.int64],
) -> None:
    """Sum of products of deviations from the means; x and y come as sums."""
    for s in range(bounds.size - 1):
        a, b = bounds[s], bounds[s + 1]
        middle = min(a + lag, b)
        end = b - (middle - a)
        out[a:middle] = newer[a:middle]
        result = out[middle:b]
        c0, x0, y0, n0 = (
            newer[middle:b],
            newer_x[middle:b],
            newer_y[middle:b],
            newer_count[middle:b],
        )
        c1, x1, y1, n1 = older[a:end], older_x[a:end], older_y[a:end], older_count[a:end]
        for i in range(result.size):
            weight = n0[i] * n1[i] * (n0[i] + n1[i])
            dx, dy = n1[i] * x0[i] - n0[i] * x1[i], n1[i] * y0[i] - n0[i] * y1[i]
            both = dx * dy / (weight if weight > 0.0 else 1.0)
            result[i] = c0[i] + c1[i] + (both if weight > 0.0 else 0.0)


@compiled
def merge_age(
    out: NDArray[np.float64],
    newer: NDArray[np.float64],
    older: NDArray[np.float64],
    older_sum: NDArray[np.float64],
    apart: int,
    lag: int,
    bounds: NDArray[np.int64],
) -> None:
    """Sum of age times value, where the newest row has age 0, the older part's `apart`."""
    for s in range(bounds.size - 1):
        a, b = bounds[s], bounds[s + 1]
        middle = min(a + lag, b)
        end = b - (middle - a)
        out[a:middle] = newer[a:middle]
        result, u0, u1, s1 = out[middle:b], newer[middle:b], older[a:end], older_sum[a:end]
        for i in range(result.size):
            result[i] = u0[i] + (u1[i] + apart * s1[i])


@compiled
def merge_age_squared(
    out: NDArray[np.float64],
    newer: NDArray[np.float64],
    older: NDArray[np.float64],
    older_age: NDArray[np.float64],
    older_sum: NDArray[np.float64],
    apart: int,
    lag: int,
    bounds: NDArray[np.int64],
) -> None:
    """Sum of squared age times value; see :func:`merge_age`."""
    for s in range(bounds.size - 1):
        a, b = bounds[s], bounds[s + 1]
        middle = min(a + lag, b)
        end = b - (middle - a)
        out[a:middle] = newer[a:middle]
        result, q0 = out[middle:b], newer[middle:b]
        q1, u1, s1 = older[a:end], older_age[a:end], older_sum[a:end]
        for i in range(result.size):
            result[i] = q0[i] + (q1[i] + 2.0 * apart * u1[i] + float(apart) * apart * s1[i])
