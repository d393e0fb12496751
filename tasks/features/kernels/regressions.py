# ruff: noqa: PLR0917 (a kernel takes its columns by position)
"""Straight lines through a window, and correlations between two windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

FLAT: Final = 2e-5
"""A standard deviation up to this counts as none, in correlations and R squared, as in qlib."""


@compiled
def slope(
    out: NDArray[np.float64],
    count: NDArray[np.float64],
    age: NDArray[np.float64],
    age2: NDArray[np.float64],
    total: NDArray[np.float64],
    aged: NDArray[np.float64],
    bounds: NDArray[np.int64],
) -> None:
    """Slope against time from sums of age (u), u squared, y and u y."""
    for i in range(bounds[-1]):
        both = count[i] * aged[i] - age[i] * total[i]
        out[i] = -both / (count[i] * age2[i] - age[i] * age[i])


@compiled
def residual(
    out: NDArray[np.float64],
    x: NDArray[np.float64],
    count: NDArray[np.float64],
    age: NDArray[np.float64],
    age2: NDArray[np.float64],
    total: NDArray[np.float64],
    aged: NDArray[np.float64],
    bounds: NDArray[np.int64],
) -> None:
    """Newest value less the line's value at age 0."""
    for i in range(bounds[-1]):
        n = count[i]
        both = n * aged[i] - age[i] * total[i]
        per_age = both / (n * age2[i] - age[i] * age[i])
        out[i] = x[i] - (total[i] - per_age * age[i]) / n if np.isfinite(x[i]) else np.nan


@compiled
def rsquare(
    out: NDArray[np.float64],
    count: NDArray[np.float64],
    age: NDArray[np.float64],
    age2: NDArray[np.float64],
    total: NDArray[np.float64],
    aged: NDArray[np.float64],
    m2: NDArray[np.float64],
    flat: float,
    bounds: NDArray[np.int64],
) -> None:
    """Share of the variance that the line explains; NaN where there is next to none."""
    for i in range(bounds[-1]):
        n = count[i]
        both = n * aged[i] - age[i] * total[i]
        spread = (n * age2[i] - age[i] * age[i]) * n * m2[i]
        dead = (n < 2.0) | (m2[i] <= flat * flat * (n - 1.0))
        out[i] = np.nan if dead else both * both / spread


@compiled
def correlation(
    out: NDArray[np.float64],
    c_xy: NDArray[np.float64],
    c_xx: NDArray[np.float64],
    c_yy: NDArray[np.float64],
    count: NDArray[np.float64],
    own_x: NDArray[np.float64],
    own_y: NDArray[np.float64],
    flat: float,
    bounds: NDArray[np.int64],
) -> None:
    """Correlation over rows where both are there; NaN where one's own deviation is none."""
    for i in range(bounds[-1]):
        dead = (count[i] < 2.0) | (own_x[i] <= flat) | (own_y[i] <= flat)
        value = c_xy[i] / np.sqrt(c_xx[i] * c_yy[i])
        out[i] = np.nan if dead else value


@compiled
def weighted(
    out: NDArray[np.float64],
    rows: NDArray[np.float64],
    count: NDArray[np.float64],
    total: NDArray[np.float64],
    aged: NDArray[np.float64],
    bounds: NDArray[np.int64],
) -> None:
    """Sum weighted 1, 2, ... n over n (n + 1) / 2, divided by the values there."""
    for i in range(bounds[-1]):
        n = rows[i]
        mean = (n * total[i] - aged[i]) / (0.5 * n * (n + 1.0)) / count[i]
        out[i] = mean if count[i] > 0.0 else np.nan
