"""The probability of backtest overfitting: how the best of one half of time does in the other."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from gate.statistics.remembering import remembered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BLOCKS = 16
AT_ONCE = 1_000
"""Splits that are looked at together: memory stays small for any number of trials."""


@remembered
def overfitting_probability(returns: Floats, *, blocks: int = BLOCKS) -> float | None:
    """Return how often the best trial of one half of time is below the median in the other.

    Parameters
    ----------
    returns
        One bar each, shape (bars, trials).
    blocks
        Even number of stretches of time; every half of them is once in sample.

    Returns
    -------
    float or None
        Between 0 and 1; none for fewer than two trials that vary, or too few bars. On noise alone
        it is anything from a quarter to three quarters, so that it can advise and not decide.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.

    References
    ----------
    Bailey, Borwein, Lopez de Prado and Zhu (2017), "The Probability of Backtest Overfitting",
    Journal of Computational Finance 20(4): combinatorially symmetric cross-validation.
    """
    varied = returns[:, np.ptp(returns, axis=0) > 0] if len(returns) else returns
    if varied.shape[1] < 2 or len(varied) < 2 * blocks:
        return None
    parts = np.array_split(varied, blocks)
    count = np.array([len(part) for part in parts], dtype=np.float64)
    total = np.array([part.sum(axis=0) for part in parts])
    squares = np.array([(part**2).sum(axis=0) for part in parts])
    halves = list(combinations(range(blocks), blocks // 2))
    splits = np.zeros((len(halves), blocks))
    splits[np.arange(len(halves))[:, None], np.array(halves)] = 1.0
    below = [
        _below_median(inside, count, total, squares)
        for inside in np.array_split(splits, max(1, len(splits) // AT_ONCE))
    ]
    return float(np.concatenate(below).mean())


def _below_median(
    inside: Floats, count: Floats, total: Floats, squares: Floats
) -> NDArray[np.bool]:
    """Say of each split whether the best inside is in the lower half outside."""
    from scipy.stats import rankdata

    best = _sharpes(inside, count, total, squares).argmax(axis=1)
    outside = _sharpes(1 - inside, count, total, squares)
    ranks = rankdata(outside, axis=1)[np.arange(len(best)), best]
    below: NDArray[np.bool] = ranks / (total.shape[1] + 1) <= 0.5
    return below


def _sharpes(chosen: Floats, count: Floats, total: Floats, squares: Floats) -> Floats:
    bars = (chosen @ count)[:, None]
    sums = chosen @ total
    variance = np.maximum((chosen @ squares - sums**2 / bars) / (bars - 1), 0.0)
    spread = np.sqrt(variance)
    ratio: Floats = np.divide(sums / bars, spread, out=np.zeros_like(sums), where=spread > 1e-14)
    return ratio
