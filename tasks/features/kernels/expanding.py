"""Statistics of all rows so far, one row added at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def running_sum(
    out: NDArray[np.float64], x: NDArray[np.float64], bounds: NDArray[np.int64]
) -> None:
    """Sum of all rows so far, compensated (Kahan, 1965)."""
    for s in range(bounds.size - 1):
        total, lost = 0.0, 0.0
        for i in range(bounds[s], bounds[s + 1]):
            step = x[i] - lost
            raised = total + step
            lost = (raised - total) - step
            total = raised
            out[i] = total


@compiled
def running_max(
    out: NDArray[np.float64], x: NDArray[np.float64], bounds: NDArray[np.int64]
) -> None:
    """Maximum of all rows so far."""
    for s in range(bounds.size - 1):
        best = -np.inf
        for i in range(bounds[s], bounds[s + 1]):
            best = x[i] if x[i] > best else best  # noqa: FURB136 (compiles to one instruction)
            out[i] = best


@compiled
def running_min(
    out: NDArray[np.float64], x: NDArray[np.float64], bounds: NDArray[np.int64]
) -> None:
    """Minimum of all rows so far."""
    for s in range(bounds.size - 1):
        best = np.inf
        for i in range(bounds[s], bounds[s + 1]):
            best = x[i] if x[i] < best else best  # noqa: FURB136 (compiles to one instruction)
            out[i] = best


@compiled
def running_age(
    out: NDArray[np.float64], x: NDArray[np.float64], bounds: NDArray[np.int64]
) -> None:
    """Sum of age times value, where the newest row has age 0."""
    for s in range(bounds.size - 1):
        total, aged = 0.0, 0.0
        for i in range(bounds[s], bounds[s + 1]):
            aged += total
            total += x[i]
            out[i] = aged


@compiled
def running_age_squared(
    out: NDArray[np.float64], x: NDArray[np.float64], bounds: NDArray[np.int64]
) -> None:
    """Sum of squared age times value."""
    for s in range(bounds.size - 1):
        total, aged, squared = 0.0, 0.0, 0.0
        for i in range(bounds[s], bounds[s + 1]):
            squared += 2.0 * aged + total
            aged += total
            total += x[i]
            out[i] = squared


@compiled
def running_comoment(
    out: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    mask: NDArray[np.float64],
    bounds: NDArray[np.int64],
) -> None:
    """Sum of products of deviations from the means so far (Welford, 1962)."""
    for s in range(bounds.size - 1):
        n, mean_x, mean_y, both = 0.0, 0.0, 0.0, 0.0
        for i in range(bounds[s], bounds[s + 1]):
            if mask[i] > 0.0:
                n += 1.0
                dx = x[i] - mean_x
                mean_x += dx / n
                mean_y += (y[i] - mean_y) / n
                both += dx * (y[i] - mean_y)
            out[i] = both


@compiled
def running_moments(
    out: NDArray[np.float64],
    x: NDArray[np.float64],
    mask: NDArray[np.float64],
    bounds: NDArray[np.int64],
) -> None:
    """Second, third and fourth central moments so far, a row of `out` each (Pebay, 2008)."""
    for s in range(bounds.size - 1):
        n, mean, m2, m3, m4 = 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(bounds[s], bounds[s + 1]):
            if mask[i] > 0.0:
                n += 1.0
                d = x[i] - mean
                e = d / n
                f = d * e * (n - 1.0)
                mean += e
                m4 += f * e * e * (n * n - 3.0 * n + 3.0) + 6.0 * e * e * m2 - 4.0 * e * m3
                m3 += f * e * (n - 2.0) - 3.0 * e * m2
                m2 += f
            out[0, i] = m2
            out[1, i] = m3
            out[2, i] = m4
