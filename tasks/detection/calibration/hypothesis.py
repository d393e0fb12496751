"""The null hypothesis, imposed: a series without what a detector looks for.

A series that is resampled with its changes in it does not tell what a detector does where there are
none: resampling has to reflect the hypothesis even where the data do not (Hall and Wilson,
Biometrics 1991).
"""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

from tasks.detection.calibration.self_normalised import find_level

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tasks.detection.registry import PatternType

FAR = 4.72
"""Tukey's outer fences in standard deviations of a normal distribution: 2 in a million lie
beyond."""
_Z75, _Z99 = 0.67449, 2.32635
"""The normal distribution's quantiles at which the width and the weight of a tail are read."""


def without_changes(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the residuals of a series about its levels, with its mean put back.

    Levels are found by cutting where the mean surely changes, and both sides again
    (`self_normalised.find_level`). Residuals about fitted levels are what the critical values of
    change-point tests are resampled from under dependence (Kirch, Journal of Statistical Planning
    and Inference 2007). What wanders slowly without a change is left in, so that null data wander,
    too: to take it for levels would make a detector that speaks of it look right.

    Parameters
    ----------
    values
        Shape (n, fields), finite.

    Returns
    -------
    numpy.ndarray
        Float64, shape (n, fields).

    Notes
    -----
    Look-ahead: the whole series; for judging alarms, not for trading.
    """
    flat = [_about_levels(values[:, field]) for field in range(values.shape[1])]
    return np.column_stack(flat)


def without_outliers(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the bars of a series that lie within the fences of every field.

    A fence is where a distribution of the bulk's own width and weight of tail, each side by itself,
    has what a normal one has beyond Tukey's outer fences: Tukey's h-distribution, its h read off
    two quantiles (Hoaglin, 1985). Heavy tails are not taken for outliers, and no less than one bar
    in a hundred can move a fence.

    Parameters
    ----------
    values
        Shape (n, fields), finite.

    Returns
    -------
    numpy.ndarray
        Float64, shape (at most n, fields), in the order of time.

    Notes
    -----
    Look-ahead: the whole series; for judging alarms, not for trading.
    """
    inside = np.ones(len(values), dtype=bool)
    for field in values.T:
        middle = float(np.median(field))
        inside &= field <= middle + _reach(field - middle)
        inside &= field >= middle - _reach(middle - field)
    return values[inside]


IMPOSE: dict[PatternType, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "drift": without_changes,
    "cluster_change": without_changes,
    "anomaly": without_outliers,
}
"""What is taken out of a series, by what the detector finds."""


def _about_levels(values: NDArray[np.float64]) -> NDArray[np.float64]:
    residuals = np.zeros(len(values))
    waiting = [(0, len(values))]
    while waiting:
        begin, end = waiting.pop()
        part = values[begin:end]
        cut = find_level(part)
        if cut is None:
            spread = float(part.std())
            residuals[begin:end] = (part - part.mean()) / spread if spread > 0.0 else 0.0
        else:
            waiting += [(begin, begin + cut), (begin + cut, end)]
    return residuals


def _reach(deviations: NDArray[np.float64]) -> float:
    """Return how far above the median the fence is; infinite where the bulk has no width."""
    near, far = (float(q) for q in np.quantile(deviations, [0.75, 0.99]))
    if near <= 0.0 or far <= 0.0:
        return float("inf")
    heaviness = max(0.0, 2.0 * log(far / near * _Z75 / _Z99) / (_Z99**2 - _Z75**2))
    scale = near / _Z75 * exp(-heaviness * _Z75**2 / 2.0)
    return scale * FAR * exp(heaviness * FAR**2 / 2.0)
