"""Long series with fewer points that draw the same line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIMIT = 5_000
"""Points of one line above which it is thinned."""


def keep_extremes(values: NDArray[np.float64], limit: int = LIMIT) -> NDArray[np.int64]:
    """Choose the points that draw a line: first, lowest, highest and last of equal stretches.

    Parameters
    ----------
    values
        Float64, shape (n,), in the order of the axis; NaN where the line is broken.
    limit
        The most points to keep, at least 4.

    Returns
    -------
    numpy.ndarray
        Int64 places, ascending, at most `limit`; all places when there are no more than that.

    References
    ----------
    Jugel, Jerzak, Hackenbroich and Markl (2014), "M4: A Visualization-Oriented Time Series Data
    Aggregation", PVLDB 7(10).

    Examples
    --------
    >>> keep_extremes(np.array([0.0, 5.0, 1.0, 2.0, -3.0, 0.0, 1.0, 1.0]), limit=4).tolist()
    [0, 1, 4, 7]
    """
    if len(values) <= limit:
        return np.arange(len(values))
    edges = np.linspace(0, len(values), max(limit // 4, 1) + 1).astype(np.int64)
    low = np.where(np.isnan(values), np.inf, values)
    high = np.where(np.isnan(values), -np.inf, values)
    kept: set[int] = set()
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        lowest = begin + int(np.argmin(low[begin:end]))
        highest = begin + int(np.argmax(high[begin:end]))
        kept |= {begin, lowest, highest, end - 1}
    return np.array(sorted(kept), dtype=np.int64)
