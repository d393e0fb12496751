"""The score of the Numenta Anomaly Benchmark: early alarms earn more, false alarms cost.

Source: Lavin and Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta anomaly
benchmark", ICMLA 2015, standard profile: weights 1 for a window found, -0.11 for a false alarm,
-1 for a window missed; 100 is perfect, 0 is saying nothing. One threshold serves all series.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labelled_series import Labelled
    from numpy.typing import NDArray

FALSE_ALARM = 0.11
PROBATION = 0.15
"""The share of a series, of 5,000 rows at most, in which nothing is counted."""


def _sigmoid(position: float) -> float:
    """Worth of an alarm: position -1 is a window's beginning, 0 its end, more is after it."""
    return 2.0 / (1.0 + np.exp(5.0 * position)) - 1.0 if position <= 3.0 else -1.0


def series_score(
    series: Labelled, alarms: NDArray[np.int64], probation: float = PROBATION
) -> tuple[float, int, int]:
    """Return the raw score of the rows that alarmed, windows found, and false alarms."""
    first = int(probation * min(len(series.values), 5_000))
    found: dict[int, float] = {}
    raw, false = 0.0, 0
    for row in alarms[alarms >= first]:
        inside = [i for i, (a, b) in enumerate(series.windows) if a <= row <= b]
        if inside:
            a, b = series.windows[inside[0]]
            worth = _sigmoid(-(b - row + 1) / (b - a + 1)) / _sigmoid(-1.0)
            found.setdefault(inside[0], worth)
        else:
            past = [(row - b) / max(1, b - a) for a, b in series.windows if row > b]
            raw += FALSE_ALARM * (_sigmoid(min(past)) if past else -1.0)
            false += 1
    raw += sum(found.values()) - (len(series.windows) - len(found))
    return raw, len(found), false


def benchmark_score(
    corpus: Sequence[Labelled],
    alarms: Sequence[NDArray[np.int64]],
    probation: float = PROBATION,
) -> dict[str, float]:
    """Return the normalised score over a corpus, and what it is made of."""
    results = [series_score(s, a, probation) for s, a in zip(corpus, alarms, strict=True)]
    windows = sum(len(series.windows) for series in corpus)
    raw = sum(result[0] for result in results)
    rows = sum(len(series.values) for series in corpus)
    return {
        "score": float(100.0 * (raw + windows) / (2.0 * windows)),
        "found": sum(result[1] for result in results) / windows,
        "false_per_1000": 1_000.0 * sum(result[2] for result in results) / rows,
    }
