"""Windows that are walked row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def mean_absolute_deviation(
    out: NDArray[np.float64], x: NDArray[np.float64], window: int, bounds: NDArray[np.int64]
) -> None:
    """Mean distance from the window's mean, over the values there."""
    for s in range(bounds.size - 1):
        a, b = bounds[s], bounds[s + 1]
        reach = b - a if window == 0 else window
        for i in range(a, b):
            start = max(a, i - reach + 1)
            count, total = 0, 0.0
            for k in range(start, i + 1):
                if np.isfinite(x[k]):
                    count += 1
                    total += x[k]
            mean, apart = total / count, 0.0
            for k in range(start, i + 1):
                if np.isfinite(x[k]):
                    apart += abs(x[k] - mean)
            out[i] = apart / count if count > 0 else np.nan
