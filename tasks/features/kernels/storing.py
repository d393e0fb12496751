# ruff: noqa: PLR0917 (a kernel takes its columns by position)
"""From a grid of times to the rows of a result, and which of them are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK: Final = 32
"""Bytes of marks that are left alone together where nothing is missing, as it is mostly."""


@compiled
def _store(
    column: NDArray[np.float32],
    values: NDArray[Any],
    first: int,
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> int:
    """Round values to 32 bits, stretch after stretch, into rows from `first` on; return the end."""
    row = first
    for k in range(starts.size):
        n = lengths[k]
        target, source = column[row : row + n], values[starts[k] : starts[k] + n]
        for i in range(n):
            target[i] = np.float32(source[i])
        row += n
    return row


@compiled
def _count(values: NDArray[np.float32]) -> int:
    missing = 0
    for i in range(values.size):
        missing += np.isnan(values[i])
    return missing


@compiled
def mark(valid: NDArray[np.uint8], column: NDArray[np.float32], first: int, last: int) -> int:
    """Count what is missing of rows `first` to `last`, and mark it, a bit a row, 0 for missing.

    Only bytes that belong to these rows alone are written: others may be another thread's.
    """
    begin, end = (first + 7) >> 3, last >> 3
    if begin >= end:
        return _count(column[first:last])
    missing = _count(column[first : begin << 3]) + _count(column[end << 3 : last])
    for low in range(begin, end, BLOCK):
        high = min(low + BLOCK, end)
        valid[low:high] = 255
        own = _count(column[low << 3 : high << 3])
        missing += own
        if own:
            for i in range(low << 3, high << 3):
                if np.isnan(column[i]):
                    valid[i >> 3] &= np.uint8(~(1 << (i & 7)) & 255)
    return missing


@compiled
def store(
    column: NDArray[np.float32],
    valid: NDArray[np.uint8],
    values: NDArray[Any],
    first: int,
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> int:
    """Put stretches of the grid into rows from `first` on, in 32 bits; mark and count missing."""
    return mark(valid, column, first, _store(column, values, first, starts, lengths))
