"""How sure one can be that a mean changed, given where one chose to look."""

from __future__ import annotations

from dataclasses import dataclass
from math import expm1, inf, log1p, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import stdtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_SIDE = 5
"""Fewest values on either side of a cut; ADWIN's own `min_window_length`."""
_MOST_MEMORY = 0.99
_ROUNDING = 1e-24
"""A variance that rounding alone may leave in a series of variance one."""


@dataclass(frozen=True, slots=True)
class MeanChange:
    """A change of a mean between the values before a cut and those from it on.

    Parameters
    ----------
    cut
        Index of the first value of the new level.
    effect
        Difference of the means in pooled standard deviations; infinite when there is no spread.
    autocorrelation
        Of lag 1, of the values about their side's mean, within [0, 0.99].
    p_value
        Of Welch's test with effective sizes, for this cut alone.
    corrected_p_value
        The same, corrected for the cuts and the looks it was chosen from; small where one minus the
        confidence is lost in rounding.
    confidence
        One minus that.
    """

    cut: int
    effect: float
    autocorrelation: float
    p_value: float
    corrected_p_value: float
    confidence: float


def find_cut(values: NDArray[np.float64]) -> int:
    """Return the index at which splitting explains most of the variance of a series.

    The least-squares estimate of one change of the mean (Hinkley, Biometrika 1970; Bai, Journal
    of Time Series Analysis 1994): the cut with the largest between-sides sum of squares.

    Parameters
    ----------
    values
        Shape (n,), finite, n >= 2 * MIN_SIDE.

    Returns
    -------
    int
        The first index of the right side, between MIN_SIDE and n - MIN_SIDE.

    Notes
    -----
    Look-ahead: all values that it is given; a detector gives those up to the present.

    Examples
    --------
    >>> find_cut(np.array([0.0] * 7 + [1.0] * 6))
    7
    """
    n = len(values)
    sizes = np.arange(MIN_SIDE, n - MIN_SIDE + 1)
    centred = np.cumsum(values - values.mean())[MIN_SIDE - 1 : n - MIN_SIDE]
    gains = centred * centred * (n / (sizes * (n - sizes)))
    return MIN_SIDE + int(gains.argmax())


def judge_change(values: NDArray[np.float64], *, looks: int = 1) -> MeanChange:
    """Find the likeliest change of a mean and say how sure it is.

    Welch's t-test between the sides of the cut (Welch, Biometrika 1947), where each side counts
    for n (1 - r) / (1 + r) values (Bayley and Hammersley, 1946): what moves slowly repeats itself.
    r is the autocorrelation of lag 1 about two fitted means, freed of its downward bias, some
    (1 + 3 r) / n for each (Kendall, Biometrika 1954). The cut was chosen as the best of all, so the
    confidence is (1 - p) to the power of the number of cuts (Sidak, 1967), of which there are more
    than ADWIN compares, times that of the looks. Not covered is that ADWIN compares at every bar.

    Parameters
    ----------
    values
        Shape (n,), finite, n >= 2 * MIN_SIDE, in the order of time.
    looks
        How often this change has been judged, this time included.

    Returns
    -------
    MeanChange
        Cut, effect in standard deviations, autocorrelation, p-value before and after the correction
        for choosing, and confidence.

    Notes
    -----
    Look-ahead: all values that it is given; a detector gives those up to the present.
    """
    centred = values - values.mean()
    spread = sqrt(float((centred * centred).sum()) / len(values))
    scaled = centred / spread if spread > 0.0 else centred
    cut = find_cut(scaled)
    before, after = _side(scaled[:cut]), _side(scaled[cut:])
    memory = _autocorrelation(before, after)
    p_value, effect = _welch(before, after, (1.0 - memory) / (1.0 + memory))
    cuts = len(values) - 2 * MIN_SIDE + 1
    corrected = -expm1(cuts * looks * log1p(-p_value)) if p_value < 1.0 else 1.0
    return MeanChange(cut, effect, memory, p_value, corrected, 1.0 - corrected)


class _Side(NamedTuple):
    """The values on one side of a cut, gone through once: detectors ask often."""

    size: int
    mean: float
    residuals: NDArray[np.float64]
    power: float


def _side(values: NDArray[np.float64]) -> _Side:
    mean = float(values.mean())
    residuals = values - mean
    return _Side(len(values), mean, residuals, float((residuals * residuals).sum()))


def _autocorrelation(before: _Side, after: _Side) -> float:
    power, n = before.power + after.power, before.size + after.size
    if power <= _ROUNDING * n:
        return 0.0
    raw = (_lagged(before.residuals) + _lagged(after.residuals)) / power
    unbiased = raw + 2.0 * (1.0 + 3.0 * raw) / n
    return min(max(unbiased, 0.0), _MOST_MEMORY)


def _lagged(residuals: NDArray[np.float64]) -> float:
    return float((residuals[1:] * residuals[:-1]).sum())


def _welch(before: _Side, after: _Side, weight: float) -> tuple[float, float]:
    """Return the two-sided p-value and the effect in pooled standard deviations."""
    sides = before, after
    sizes = [max(2.0, side.size * weight) for side in sides]
    spreads = [side.power / (side.size - 1) for side in sides]
    variances = [spread if spread > _ROUNDING else 0.0 for spread in spreads]
    shift = after.mean - before.mean
    errors = [v / n for v, n in zip(variances, sizes, strict=True)]
    total = sum(errors)
    if total <= 0.0:
        return (0.0, inf if shift > 0 else -inf) if shift else (1.0, 0.0)
    freedom = total**2 / sum(e**2 / (n - 1.0) for e, n in zip(errors, sizes, strict=True))
    p_value = 2.0 * float(stdtr(freedom, -abs(shift) / sqrt(total)))
    return p_value, shift / sqrt(sum(variances) / 2.0)
