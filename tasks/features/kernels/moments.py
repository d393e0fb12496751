# ruff: noqa: PLR0917 (a kernel takes its columns by position)
"""Third and fourth central moments, by merging parts (Pebay, 2008), and what is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def merge_third(
    out: NDArray[np.float64],
    newer: NDArray[np.float64],
    older: NDArray[np.float64],
    newer_m2: NDArray[np.float64],
    older_m2: NDArray[np.float64],
    newer_sum: NDArray[np.float64],
    older_sum: NDArray[np.float64],
    newer_count: NDArray[np.float64],
    older_count: NDArray[np.float64],
    lag: int,
    bounds: NDArray[np.int64],
) -> None:
    """Sum of cubed deviations from the mean of both parts."""
    for s in range(bounds.size - 1):
        a = bounds[s]
        for i in range(a, bounds[s + 1]):
            j = i - lag
            if j < a or older_count[j] == 0.0:
                out[i] = newer[i]
            elif newer_count[i] == 0.0:
                out[i] = older[j]
            else:
                na, nb = older_count[j], newer_count[i]
                n = na + nb
                d = newer_sum[i] / nb - older_sum[j] / na
                own = older[j] + newer[i]
                apart = d * d * d * na * nb * (na - nb) / (n * n)
                out[i] = own + apart + 3.0 * d * (na * newer_m2[i] - nb * older_m2[j]) / n


@compiled
def merge_fourth(
    out: NDArray[np.float64],
    newer: NDArray[np.float64],
    older: NDArray[np.float64],
    newer_m3: NDArray[np.float64],
    older_m3: NDArray[np.float64],
    newer_m2: NDArray[np.float64],
    older_m2: NDArray[np.float64],
    newer_sum: NDArray[np.float64],
    older_sum: NDArray[np.float64],
    newer_count: NDArray[np.float64],
    older_count: NDArray[np.float64],
    lag: int,
    bounds: NDArray[np.int64],
) -> None:
    """Sum of fourth powers of deviations from the mean of both parts."""
    for s in range(bounds.size - 1):
        a = bounds[s]
        for i in range(a, bounds[s + 1]):
            j = i - lag
            if j < a or older_count[j] == 0.0:
                out[i] = newer[i]
            elif newer_count[i] == 0.0:
                out[i] = older[j]
            else:
                na, nb = older_count[j], newer_count[i]
                n = na + nb
                d = newer_sum[i] / nb - older_sum[j] / na
                e = d / n
                third = 4.0 * e * (na * newer_m3[i] - nb * older_m3[j])
                second = 6.0 * e * e * (na * na * newer_m2[i] + nb * nb * older_m2[j])
                apart = d * e * e * e * na * nb * (na * na - na * nb + nb * nb)
                out[i] = older[j] + newer[i] + apart + second + third


@compiled
def variance(
    out: NDArray[np.float64],
    m2: NDArray[np.float64],
    count: NDArray[np.float64],
    bounds: NDArray[np.int64],
) -> None:
    """Divide by n - 1; NaN for fewer than two values."""
    for i in range(bounds[-1]):
        value = m2[i] / (count[i] - 1.0)
        out[i] = value if count[i] > 1.0 else np.nan


@compiled
def deviation(
    out: NDArray[np.float64],
    m2: NDArray[np.float64],
    count: NDArray[np.float64],
    bounds: NDArray[np.int64],
) -> None:
    """Root of the variance."""
    for i in range(bounds[-1]):
        value = np.sqrt(m2[i] / (count[i] - 1.0))
        out[i] = value if count[i] > 1.0 else np.nan


@compiled
def skewness(
    out: NDArray[np.float64],
    m3: NDArray[np.float64],
    m2: NDArray[np.float64],
    count: NDArray[np.float64],
    bounds: NDArray[np.int64],
) -> None:
    """Compute adjusted Fisher-Pearson skewness; NaN where all values are equal."""
    for i in range(bounds[-1]):
        n = count[i]
        if n < 3.0 or m2[i] == 0.0:
            out[i] = np.nan
        else:
            out[i] = n * np.sqrt(n - 1.0) / (n - 2.0) * m3[i] / (m2[i] * np.sqrt(m2[i]))


@compiled
def kurtosis(
    out: NDArray[np.float64],
    m4: NDArray[np.float64],
    m2: NDArray[np.float64],
    count: NDArray[np.float64],
    bounds: NDArray[np.int64],
) -> None:
    """Compute adjusted excess kurtosis; NaN where all values are equal."""
    for i in range(bounds[-1]):
        n = count[i]
        if n < 4.0 or m2[i] == 0.0:
            out[i] = np.nan
        else:
            ratio = n * (n + 1.0) * (n - 1.0) * m4[i] / (m2[i] * m2[i])
            out[i] = (ratio - 3.0 * (n - 1.0) ** 2) / ((n - 2.0) * (n - 3.0))
