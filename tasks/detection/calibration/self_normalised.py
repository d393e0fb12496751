"""A change of a mean, tested without knowing how long the memory of the series is."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from tasks.detection.drift.significance import find_cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_BARS = 30
"""Bars of the shortest level that is told apart."""
LEAST_WINDOW_BARS = 200
"""Bars that are looked at together, at least, where there are so many: in shorter windows slow
wandering and a change are the same to the statistic."""
HALVINGS = 2
"""The shortest windows are a quarter of the series."""
CRITICAL = 400.0
"""From where on a change is sure. Of 2,000 series of independent normal values (800 bars) the
largest statistic of all windows exceeds 97 in one of twenty and 150 in one of two hundred; but at
such values null data lose so much of a slowly wandering variance that a fifth of runs over GARCH
keep a false pattern."""
_ROUNDING = 1e-12


def find_level(values: NDArray[np.float64]) -> int | None:
    """Return the index from which the level of a series is another; None where that is not sure.

    The self-normalised statistic is asked in windows of many lengths and places, since a level that
    comes and goes again leaves the whole without a change between two halves. The window of the
    largest is cut, if that is sure, where least squares says (`significance.find_cut`).

    Parameters
    ----------
    values
        Shape (n,), finite, in the order of time.

    Returns
    -------
    int or None
        The first index of the new level.

    Notes
    -----
    Look-ahead: the whole series; for judging alarms, not for trading.

    Examples
    --------
    >>> noise = np.random.default_rng(1).normal(size=400)
    >>> find_level(noise) is None
    True
    >>> find_level(noise + 2.0 * (np.arange(400) >= 250))
    250
    """
    if len(values) < 2 * LEAST_BARS:
        return None
    ratios = {window: ratio_of(values[slice(*window)]) for window in seeded_windows(len(values))}
    begin, end = max(ratios, key=lambda window: ratios[window])
    if ratios[begin, end] < CRITICAL:
        return None
    part = values[begin:end]
    cut = begin + find_cut((part - part.mean()) / part.std())
    return cut if LEAST_BARS <= cut <= len(values) - LEAST_BARS else None


def seeded_windows(bars: int) -> list[tuple[int, int]]:
    """Return windows of a series, each length 0.71 times the one before, half overlapping.

    Kovacs, Buhlmann, Li and Munk, "Seeded binary segmentation", Biometrika 2023, definition 1, down
    to a quarter of the series and `LEAST_WINDOW_BARS`.

    Examples
    --------
    >>> seeded_windows(400)
    [(0, 400), (0, 283), (59, 341), (117, 400), (0, 200), (100, 300), (200, 400)]
    """
    windows = []
    for step in range(2 * HALVINGS + 1):
        length = bars * 2.0 ** (-step / 2)
        count = 2 * ceil(round(2.0 ** (step / 2), 9)) - 1
        if step and round(length) < LEAST_WINDOW_BARS:
            break
        begins = np.linspace(0.0, bars - length, count)
        windows += [(round(begin), round(begin + length)) for begin in begins.tolist()]
    return windows


def ratio_of(values: NDArray[np.float64]) -> float:
    """Return the statistic of a window; zero where nothing moves.

    Parameters
    ----------
    values
        Shape (n,), n >= 2 * LEAST_BARS, finite.

    Returns
    -------
    float
        See `largest_ratio`.

    Notes
    -----
    Look-ahead: the whole series; for judging alarms, not for trading.
    """
    spread = float(values.std())
    return largest_ratio((values - values.mean()) / spread) if spread > 0.0 else 0.0


def largest_ratio(values: NDArray[np.float64]) -> float:
    """Return the self-normalised statistic of one change of the mean.

    Shao and Zhang, "Testing for change points in time series", JASA 2010, equation 2: at each cut
    the square of the cumulative sum there, over what the cumulative sums of either side do about
    their own mean; the largest of all cuts. What a series with memory does to the one it does to
    the other, so no length of memory has to be chosen, and a change does not hide itself by making
    the series look slow.

    Parameters
    ----------
    values
        Shape (n,), n >= 2 * LEAST_BARS, not constant, of about unit variance.

    Returns
    -------
    float
        At least 0, without a unit; `CRITICAL` is where a change is sure.

    Notes
    -----
    Look-ahead: the whole series; for judging alarms, not for trading.
    """
    n = len(values)
    centred = values - values.mean()
    sums = np.cumsum(centred)
    cuts = np.arange(LEAST_BARS, n - LEAST_BARS + 1)
    normaliser = _wander(centred)[cuts - 1] + _wander(centred[::-1])[n - cuts - 1]
    return float(np.max(n * sums[cuts - 1] ** 2 / np.maximum(normaliser, n**2 * _ROUNDING)))


def _wander(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each k the squared cumulative sums of the first k values about their mean."""
    sums, sizes = np.cumsum(values), np.arange(1.0, len(values) + 1)
    means = sums / sizes
    squares: NDArray[np.float64] = (
        np.cumsum(sums**2) - 2.0 * means * np.cumsum(sizes * sums) + means**2 * np.cumsum(sizes**2)
    )
    return squares
