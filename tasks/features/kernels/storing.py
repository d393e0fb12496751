"""From a grid of times to the rows of a result, and which of them are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled
def store(
    column: NDArray[np.float32],
    values: NDArray[Any],
    first: int,
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> None:
    """Round values to 32 bits, stretch after stretch of the grid, into rows from `first` on."""
    row = first
    for k in range(starts.size):
        n = lengths[k]
        target, source = column[row : row + n], values[starts[k] : starts[k] + n]
        for i in range(n):
            target[i] = np.float32(source[i])
        row += n


@compiled
def mark(valid: NDArray[np.uint8], column: NDArray[np.float32], first: int, last: int) -> int:
    """Count what is missing of rows `first` to `last`, and mark it, a bit a row, 0 for missing.

    Only bytes that belong to these rows alone are written: others may be another thread's.
    """
    rows, missing = column[first:last], 0
    for i in range(rows.size):
        missing += np.isnan(rows[i])
    begin, end = (first + 7) >> 3, last >> 3
    for byte in range(begin, end):
        valid[byte] = 255
    if missing:
        for i in range(begin << 3, end << 3):
            if np.isnan(column[i]):
                valid[i >> 3] &= np.uint8(~(1 << (i & 7)) & 255)
    return missing
