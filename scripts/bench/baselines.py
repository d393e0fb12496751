"""Classical detectors of single series, to compare with: each gives a score for each row."""

from __future__ import annotations

from math import erfc, log10, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from river.anomaly import HalfSpaceTrees
from river.preprocessing import MinMaxScaler

if TYPE_CHECKING:
    from labelled_series import Labelled
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

REFRACTORY_ROWS = 100


def hold_down(scores: Floats, level: float) -> NDArray[np.int64]:
    """Return the rows that alarm: from a level on, and not within 100 rows of the alarm before."""
    alarms: list[int] = []
    for row in np.flatnonzero(scores >= level).tolist():
        if not alarms or row - alarms[-1] > REFRACTORY_ROWS:
            alarms.append(row)
    return np.array(alarms, dtype=np.int64)


def z_score(series: Labelled) -> Floats:
    """Distance from the running mean in running standard deviations (Welford)."""
    mean, power = 0.0, 0.0
    scores = np.zeros(len(series.values))
    for row, value in enumerate(series.values.tolist()):
        if row > 20 and power > 0.0:
            scores[row] = abs(value - mean) / sqrt(power / row)
        away = value - mean
        mean += away / (row + 1)
        power += away * (value - mean)
    return scores


def windowed_gaussian(series: Labelled, window: int = 1_000) -> Floats:
    """Two-sided tail of a Gaussian over the last rows, as minus the decimal logarithm."""
    values = np.concatenate(
        [
            [0.0],
            np.cumsum(series.values),
        ]
    )
    squares = np.concatenate([[0.0], np.cumsum(series.values**2)])
    scores = np.zeros(len(series.values))
    for row in range(20, len(scores)):
        first = max(0, row - window)
        mean = (values[row] - values[first]) / (row - first)
        variance = (squares[row] - squares[first]) / (row - first) - mean**2
        if variance > 0.0:
            tail = erfc(abs(series.values[row] - mean) / sqrt(2.0 * variance))
            scores[row] = -log10(max(tail, 1e-300))
    return scores


def half_space_trees(series: Labelled) -> Floats:
    """River's half-space trees, raw, over the value scaled by the least and greatest so far."""
    trees: Any = HalfSpaceTrees(n_trees=10, height=8, window_size=250, seed=42)
    scaler = MinMaxScaler()
    scores = np.zeros(len(series.values))
    for row, value in enumerate(series.values.tolist()):
        scaler.learn_one({"value": value})
        scaled = scaler.transform_one({"value": value})
        scores[row] = trees.score_one(scaled)
        trees.learn_one(scaled)
    return scores


def relative_entropy(series: Labelled, window: int = 52, bins: int = 5) -> Floats:
    """Surprise of a window's histogram under the likeliest of those that were accepted before.

    Source: Wang, Viswanathan, Choudur, Talwar, Satterfield and Schwan, "Statistical techniques for
    online anomaly detection in data centers", IM 2011. Bins lie between the least and greatest so
    far; a window that fits no earlier one, at 1 %, is told by its statistic and remembered.
    """
    values = series.values
    low, high = np.minimum.accumulate(values), np.maximum.accumulate(values)
    scores = np.zeros(len(values))
    accepted: list[Floats] = []
    for row in range(window, len(values)):
        width = (high[row] - low[row]) / bins
        if width <= 0.0:
            continue
        places = np.minimum(((values[row - window + 1 : row + 1] - low[row]) / width), bins - 1)
        share = (np.bincount(places.astype(int), minlength=bins) + 1e-6) / (window + bins * 1e-6)
        told = [2 * window * float(np.sum(share * np.log(share / one))) for one in accepted]
        scores[row] = min(told, default=0.0)
        if scores[row] > _CHI_SQUARED_99 or not accepted:
            accepted.append(share)
    return scores


_CHI_SQUARED_99 = 13.28
"""Of four degrees of freedom."""

BASELINES = {
    "relative_entropy": relative_entropy,
    "z_score": z_score,
    "windowed_gaussian": windowed_gaussian,
    "half_space_trees": half_space_trees,
}
