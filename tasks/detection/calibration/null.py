"""Null data: the series itself, resampled so that nothing changes in it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_ENOUGH = 10_000
"""Bars from which the length of blocks is learnt; the latest, where there are more."""


def block_length(values: NDArray[np.float64]) -> float:
    """Return the mean length of blocks that keeps the memory of a series.

    The automatic choice of Politis and White (2004), corrected by Patton, Politis and White
    (Econometric Reviews 2009), as in arch; the longest that any field asks for.

    Parameters
    ----------
    values
        Shape (n, fields), finite.

    Returns
    -------
    float
        In bars; at least 1, at most a tenth of the series.
    """
    from arch.bootstrap import optimal_block_length

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # a field that never moves has no memory
        lengths = optimal_block_length(values[-_ENOUGH:])["stationary"].to_numpy()
    longest = max((float(length) for length in lengths if np.isfinite(length)), default=1.0)
    return min(max(longest, 1.0), max(len(values) / 10, 1.0))


def resample(
    values: NDArray[np.float64], block_bars: float, bars: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw a null series: blocks of the series in random order, of geometric length.

    The stationary bootstrap (Politis and Romano, JASA 1994), as in arch: stationary given the data,
    its marginal distribution and short memory those of the series; whatever changes over more than
    a block is gone. Fields keep together.

    Parameters
    ----------
    values
        Shape (n, fields).
    block_bars
        Mean length of blocks.
    bars
        Length of the null series, at most n.

    Notes
    -----
    Look-ahead: the whole series; null data are for judging, not for trading.
    """
    from arch.bootstrap import StationaryBootstrap

    draw: Any = StationaryBootstrap  # typed for whole blocks only
    rows: NDArray[np.int64] = draw(block_bars, np.arange(len(values)), seed=rng).update_indices()
    return np.asarray(values[rows[:bars]])


def null_series(
    series: Sequence[NDArray[np.float64]],
    blocks: Sequence[float],
    *,
    bars: int,
    longest: int,
    rng: np.random.Generator,
) -> Iterator[NDArray[np.float64]]:
    """Draw null series, from each series of a random order in turn, until there are enough bars.

    Parameters
    ----------
    series
        The usable bars of each, shape (n, fields).
    blocks
        The mean length of blocks for each.
    bars
        Bars to draw in all.
    longest
        Most bars of one null series.
    """
    order = rng.permutation(len(series))
    drawn = turn = 0
    while drawn < bars and len(order):
        place = int(order[turn % len(order)])
        values = series[place]
        yield (null := resample(values, blocks[place], min(len(values), longest), rng))
        drawn += len(null)
        turn += 1
