"""Null data: the series itself, resampled so that nothing changes in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

SHARE_OF_SERIES = 1 / 3
"""The mean length of a block, in lengths of the series."""


def block_length(values: NDArray[np.float64]) -> float:
    """Return the mean length of blocks, in bars: a third of the series.

    What null data may not have is taken out of a series before it is resampled (`hypothesis`), so
    blocks are as long as leaves series to be drawn that differ. Blocks as short as is best for the
    variance of a mean (Politis and White, Econometric Reviews 2004) break what wanders slowly into
    pieces, where a burst of volatility is one episode to a detector.

    Parameters
    ----------
    values
        Shape (n, fields).

    Returns
    -------
    float
        In bars, at least 1.

    Notes
    -----
    Look-ahead: the whole series; for judging alarms, not for trading.

    Examples
    --------
    >>> block_length(np.zeros((900, 1)))
    300.0
    """
    return max(len(values) * SHARE_OF_SERIES, 1.0)


def resample(
    values: NDArray[np.float64], block_bars: float, bars: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw a null series: blocks of the series in random order, of geometric length.

    The stationary bootstrap (Politis and Romano, JASA 1994), as in arch: stationary given the data,
    its marginal distribution and its memory within blocks those of the series. Fields keep
    together.

    Parameters
    ----------
    values
        Shape (n, fields).
    block_bars
        Mean length of blocks.
    bars
        Length of the null series, at most n.
    rng
        Draws.

    Returns
    -------
    numpy.ndarray
        Float64, shape (bars, fields).

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
    rng
        Draws.

    Yields
    ------
    numpy.ndarray
        Float64, shape (at most `longest`, fields).

    Notes
    -----
    Look-ahead: the whole series; for judging alarms, not for trading.
    """
    order = rng.permutation(len(series))
    drawn = turn = 0
    while drawn < bars and len(order):
        place = int(order[turn % len(order)])
        values = series[place]
        yield (null := resample(values, blocks[place], min(len(values), longest), rng))
        drawn += len(null)
        turn += 1
