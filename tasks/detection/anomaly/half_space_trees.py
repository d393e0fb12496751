"""Anomalies: bars that fall where few bars fell before."""

from __future__ import annotations

from math import ceil, isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from tasks.detection.anomaly.forest import draw
from tasks.detection.anomaly.forest_kernel import (
    COUNTERS,
    FILLED,
    IN_WINDOW,
    SCALE_BARS,
    SCORE,
    THRESHOLD,
    score_bar,
    take,
)
from tasks.detection.protocol import Alarm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from taskspecs.detectors import HalfSpaceTreesDetector


class HalfSpaceTreesAlarms:
    """Half-space trees over scaled series, with a threshold learnt from their own scores.

    Source: Tan, Ting and Liu, "Fast anomaly detection for streaming data", IJCAI 2011, as in
    River: its trees, and its scores bit for bit, by compiled code.

    *Scale.* Every field enters by its own `scale.CausalScale` over the last `window_bars` values.

    *Score.* In [0, 1], of the bar before the trees learn it; higher is stranger. None until the
    trees have seen `window_bars` bars.

    *Threshold.* With n scores before it, a score is an anomaly when its conformal p-value
    p = (1 + number of them not below it) / (n + 1) is at most 1 - `quantile` (Laxhammar and
    Falkman, 2010): no alarm comes before n reaches 1 / (1 - `quantile`) - 1. Of exchangeable bars
    at most 1 - `quantile` raise an alarm. `confidence` is 1 - p: the share of past scores that lie
    below.

    *Contributors.* Each field in turn is put back to its median and the bar scored again; a
    field's share is its drop in score over the sum of the drops. All are 0 where no field alone
    lowers the score.

    *States.* `prev_state` holds each field's median over the window, `new_state` its value, in
    the field's unit.

    Look-ahead: none; bars up to the present.
    """

    def __init__(self, spec: HalfSpaceTreesDetector) -> None:
        self._spec = spec
        self._fields = spec.fields
        self._rate = 1.0 - spec.quantile
        fields, window = len(spec.fields), spec.window_bars
        self._windows = np.zeros((2, fields, window))
        self._scores = np.zeros((2, max(1_000, ceil(10.0 / self._rate))))
        self._counters = np.zeros(COUNTERS, np.int64)
        self._masses = np.zeros((2, spec.n_trees, (2 << spec.height) - 1), _kind(window))
        self._score: float | None = None
        self._plant()
        self._renew()

    def _plant(self) -> None:
        spec = self._spec
        self._field, self._split = draw(spec.n_trees, spec.height, spec.seed, self._fields)
        self._width = len(self._fields)
        self._bar = np.empty((1, self._width))
        self._told = np.zeros((1, 2 * self._width + 4))

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields but those that follow from the settings."""
        return {name: value for name, value in vars(self).items() if name not in _DRAWN}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        vars(self).update(state)
        self._plant()

    @property
    def score(self) -> float | None:
        """How strange the last bar was, in [0, 1]; None before the trees know enough."""
        return self._score

    def step(self, values: Sequence[float]) -> Alarm | None:
        """Take the next bar: scale, score, compare, learn."""
        bar, told = self._bar, self._told
        for place, value in enumerate(values):
            bar[0, place] = value
        alarms = self._take(bar, told, 1)
        score = told.item(2 * self._width + SCORE)
        self._score = None if isnan(score) else score
        return alarms[0][1] if alarms else None

    def run(
        self, values: NDArray[np.float64], seconds: NDArray[np.float64] | None = None
    ) -> tuple[NDArray[np.float64], list[tuple[int, Alarm]]]:
        """Take many bars at a go; see `OnlineDetector.run`."""
        bars = np.ascontiguousarray(values, dtype=np.float64)
        rows, first = len(bars), 2 * self._width
        told = np.zeros((rows, first + 4))
        alarms: list[tuple[int, Alarm]] = []
        row = 0
        while row < rows:
            size = min(rows - row, self._left)
            taken = self._take(bars[row : row + size], told[row : row + size], size)
            alarms += [(row + at, alarm) for at, alarm in taken]
            row += size
        scores = told[:, first + SCORE].copy()
        if rows:
            last = scores.item(-1)
            self._score = None if isnan(last) else last
        return scores, alarms

    def _take(
        self, bars: NDArray[np.float64], told: NDArray[np.float64], rows: int
    ) -> list[tuple[int, Alarm]]:
        beyond = take(
            self._windows, self._scores, self._counters, self._masses, self._field, self._split,
            bars, told, self._spec.window_bars, self._rate,
        )  # fmt: skip
        alarms = self._alarms(bars, told) if beyond else []
        self._left -= rows
        if self._left == 0:
            self._renew()
        return alarms

    def _renew(self) -> None:
        """Let what was learnt since the last time be what bars are compared with."""
        if self._counters[IN_WINDOW] == self._spec.window_bars:
            self._masses[0], self._masses[1] = self._masses[1], 0
            self._counters[IN_WINDOW] = 0
        unscaled = max(0, SCALE_BARS - int(self._counters[FILLED]))
        self._left = unscaled + self._spec.window_bars - int(self._counters[IN_WINDOW])

    def _alarms(
        self, bars: NDArray[np.float64], told: NDArray[np.float64]
    ) -> list[tuple[int, Alarm]]:
        first = 2 * self._width
        beyond = np.flatnonzero(told[:, first + SCORE] > told[:, first + THRESHOLD])
        return [(int(row), self._alarm(bars[row], told[row])) for row in beyond]

    def _alarm(self, bar: NDArray[np.float64], told: NDArray[np.float64]) -> Alarm:
        fields = self._width
        score, threshold, above, past = told[2 * fields :].tolist()
        p_value = (1 + int(above)) / (int(past) + 1)
        medians, values = told[fields : 2 * fields].tolist(), bar.tolist()
        return Alarm(
            prev_state={f: (v, "source") for f, v in zip(self._fields, medians, strict=True)},
            new_state={f: (v, "source") for f, v in zip(self._fields, values, strict=True)},
            metrics={
                "score": (score, "score"),
                "threshold": (threshold, "score"),
                "past_scores": (int(past), "count"),
                "p_value": (p_value, "probability"),
            },
            confidence=1.0 - p_value,
            contributors=self._shares(score, told[:fields]),
        )

    def _shares(self, score: float, units: NDArray[np.float64]) -> tuple[tuple[str, float], ...]:
        drops = []
        for place in range(self._width):
            usual = units.copy()
            usual[place] = 0.5
            drops.append(max(0.0, score - self._score_of(usual)))
        total = sum(drops) or 1.0
        return tuple((f, drop / total) for f, drop in zip(self._fields, drops, strict=True))

    def _score_of(self, units: NDArray[np.float64]) -> float:
        window = self._spec.window_bars
        return float(score_bar(self._field, self._split, self._masses[0], units, window))


_DRAWN = frozenset({"_field", "_split", "_bar", "_told", "_width"})


def _kind(window: int) -> Any:
    """Return the smallest kind of whole number that counts a window's bars."""
    return np.uint16 if window <= np.iinfo(np.uint16).max else np.int32
