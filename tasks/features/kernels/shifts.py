"""Values of other rows of the same symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def shift(
    out: NDArray[np.float64], x: NDArray[np.float64], rows: int, bounds: NDArray[np.int64]
) -> None:
    """Take the value `rows` rows ago (ahead when negative); NaN outside the symbol."""
    for s in range(bounds.size - 1):
        source = x[bounds[s] : bounds[s + 1]]
        target = out[bounds[s] : bounds[s + 1]]
        n = source.size
        low, high = min(max(rows, 0), n), max(min(n + rows, n), 0)
        for i in range(low):
            target[i] = np.nan
        for i in range(low, high):
            target[i] = source[i - rows]
        for i in range(max(low, high), n):
            target[i] = np.nan


@compiled
def first(out: NDArray[np.float64], x: NDArray[np.float64], bounds: NDArray[np.int64]) -> None:
    """Take the symbol's first value, present or not."""
    for s in range(bounds.size - 1):
        for i in range(bounds[s], bounds[s + 1]):
            out[i] = x[bounds[s]]
