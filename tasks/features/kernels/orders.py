"""Order statistics: one sorted window serves every quantile, the median and the rank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

LANES: Final = 16
COUNTED: Final = 128
"""Up to here counting all is faster than halving, whose branches nothing predicts."""


@compiled
def _below(ordered: NDArray[np.float64], size: int, value: float) -> int:
    """Count the values below; short windows are counted through, which needs no guessing."""
    if size <= COUNTED:
        count = 0
        for k in range(-(-size // LANES) * LANES):  # the rest of the last lane is +inf
            count += ordered[k] < value
        return count
    low, high = 0, size
    while low < high:
        middle = (low + high) >> 1
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _replace(ordered: NDArray[np.float64], size: int, leaving: float, coming: float) -> int:
    """Take one value out and put one in, moving only what lies between; return the new place."""
    old, new = _below(ordered, size, leaving), _below(ordered, size, coming)
    if new > old:
        new -= 1
        for k in range(old, new):
            ordered[k] = ordered[k + 1]
    else:
        for k in range(old, new, -1):
            ordered[k] = ordered[k - 1]
    ordered[new] = coming
    return new


@compiled
def _insert(ordered: NDArray[np.float64], size: int, coming: float) -> int:
    at = _below(ordered, size, coming)
    for k in range(size, at, -1):
        ordered[k] = ordered[k - 1]
    ordered[at] = coming
    return at


@compiled
def _remove(ordered: NDArray[np.float64], size: int, leaving: float) -> None:
    for k in range(_below(ordered, size, leaving), size - 1):
        ordered[k] = ordered[k + 1]
    ordered[size - 1] = np.inf


@compiled
def _quantile(ordered: NDArray[np.float64], size: int, share: float) -> float:
    place = share * (size - 1)
    low = int(place)
    part = place - low
    if part == 0.0:
        return float(ordered[low])
    return float(ordered[low] + (ordered[low + 1] - ordered[low]) * part)


@compiled
def _median(ordered: NDArray[np.float64], size: int) -> float:
    half = size >> 1
    if size & 1:
        return float(ordered[half])
    return float((ordered[half - 1] + ordered[half]) / 2.0)


@compiled
def _statistic(ordered: NDArray[np.float64], size: int, kind: float, at: int) -> float:
    if size == 0:
        return np.nan
    if kind <= 1.0:
        return _quantile(ordered, size, kind)
    if kind == 2.0:
        return _median(ordered, size)
    if at < 0:
        return np.nan
    ties = 1
    while at + ties < size and ordered[at + ties] == ordered[at]:
        ties += 1
    return float((at + (ties + 1) * 0.5) / size)


@compiled
def order(
    out: NDArray[np.float64],
    x: NDArray[np.float64],
    window: int,
    kinds: NDArray[np.float64],
    bounds: NDArray[np.int64],
) -> None:
    """Write one row of `out` for each of `kinds`: a quantile from 0 to 1, 2 median, 3 rank.

    A window of 0 takes all rows so far.
    """
    longest = 0
    for s in range(bounds.size - 1):
        longest = max(longest, bounds[s + 1] - bounds[s])
    reach = longest if window == 0 else min(window, longest)
    ordered = np.empty(reach + 1 + LANES, np.float64)
    for s in range(bounds.size - 1):
        ordered[:] = np.inf
        a, size = bounds[s], 0
        for i in range(a, bounds[s + 1]):
            value = float(x[i]) + 0.0  # there is one zero: which of two stays would be chance
            there = np.isfinite(value)
            leaving = float(x[i - reach]) + 0.0 if i - reach >= a else np.nan
            leaves = np.isfinite(leaving)
            at = -1
            if leaves and there:
                at = _replace(ordered, size, leaving, value)
            elif leaves:
                _remove(ordered, size, leaving)
                size -= 1
            elif there:
                at = _insert(ordered, size, value)
                size += 1
            for k in range(kinds.size):
                out[k, i] = _statistic(ordered, size, kinds[k], at)


@compiled
def order_at_end(
    out: NDArray[np.float64], x: NDArray[np.float64], kinds: NDArray[np.float64]
) -> None:
    """Write what :func:`order` gives for the last row of windows side by side.

    Parameters
    ----------
    out
        Of shape (kinds, windows).
    x
        Of shape (rows, windows); the order of the rows does not matter, but the newest is first.
    kinds
        As for :func:`order`.
    """
    ordered = np.empty(x.shape[0] + 1 + LANES, np.float64)
    for window in range(x.shape[1]):
        ordered[:] = np.inf
        size, at = 0, -1
        for row in range(x.shape[0]):
            value = float(x[row, window]) + 0.0
            if np.isfinite(value):
                _insert(ordered, size, value)
                size += 1
        newest = float(x[0, window]) + 0.0
        if np.isfinite(newest):
            at = _below(ordered, size, newest)
        for kind in range(kinds.size):
            out[kind, window] = _statistic(ordered, size, kinds[kind], at)
