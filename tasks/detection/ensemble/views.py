"""The views of a series that are watched: how far a row is from usual, in several ways."""

from __future__ import annotations

from collections import deque
from math import log, nan

from tasks.detection.ensemble.forecast import Forecast
from tasks.detection.ensemble.season import Season
from tasks.detection.ranks import RankWindow

NAMES = ("level", "difference", "forecast", "short mean", "spread", "season")
LEVEL_ROWS = 300
SHORT_ROWS = 8
SPREAD_ROWS = 16
MIN_ROWS = 20
"""Rows before any distance is told."""
_SIGMA_PER_IQR = 0.7413
_FAR = 50.0
"""Robust deviations that count, where an average would otherwise be one outlier's."""
_FARTHEST = 1e9
_FLAT = 0.02


class Views:
    """Six distances from usual of one row, most of them in the series' own robust scale.

    *level*: from the median of the last 300 values; *difference*: from the value before;
    *forecast*: from an autoregression; *short mean*: of the mean of the last 8 values from that
    median; *spread*: the logarithm of the mean step of the last 16 rows over the usual step, either
    way, so that a line gone flat is far, too; *season*: from what is usual at the hour, in the
    series' unit, once hours are known to matter.

    Look-ahead: none. The level's window does not hold the row that is looked at.
    """

    def __init__(self) -> None:
        self._season = Season()
        self._forecast = Forecast()
        self._window = RankWindow(LEVEL_ROWS)
        self._rests = RankWindow(LEVEL_ROWS)
        self._recent: deque[float] = deque(maxlen=SHORT_ROWS)
        self._steps: deque[float] = deque(maxlen=SPREAD_ROWS)
        self._usual_step = 0.0
        self._n_steps = 0
        self._before: float | None = None

    @property
    def usual(self) -> float:
        """The median of the last rows, in the unit of the series; NaN before the first."""
        return self._window.at(0.5) if len(self._window) else nan

    def look(self, value: float, seconds: float | None) -> tuple[float | None, ...] | None:
        """Return a distance for each of `NAMES`, and learn; None in the first rows."""
        before, self._before = self._before, value
        seasonal = self._seasonal(value, seconds)
        window, found = self._window, None
        if before is not None and len(window) >= MIN_ROWS:
            centre, scale = window.at(0.5), self._scale()
            step = min(_FARTHEST, abs(value - before) / scale)
            away = min(_FARTHEST, max(-_FARTHEST, (value - centre) / scale))
            standard = min(_FAR, max(-_FAR, away))
            self._recent.append(standard)
            found = (
                abs(away),
                step,
                abs(self._forecast.error(standard)),
                abs(sum(self._recent) / len(self._recent)),
                self._spread(min(step, _FAR)),
                seasonal,
            )
        window.push(value)
        return found

    def _seasonal(self, value: float, seconds: float | None) -> float | None:
        rest = self._season.residual(value, seconds)
        if rest is None:
            return None
        rests = self._rests
        far = abs(rest - rests.at(0.5)) if len(rests) >= MIN_ROWS else None
        rests.push(rest)
        return far

    def _scale(self) -> float:
        window = self._window
        spread = (window.at(0.75) - window.at(0.25)) * _SIGMA_PER_IQR
        if spread > 0.0:
            return spread
        wide = 0.25 * (window.at(0.98) - window.at(0.02))
        return wide if wide > 0.0 else max(1e-9 * abs(window.at(0.5)), 1e-300)

    def _spread(self, step: float) -> float:
        steps = self._steps
        leaving = steps[0] if len(steps) == SPREAD_ROWS else None
        steps.append(step)
        if leaving is not None:
            self._n_steps += 1
            self._usual_step += max(0.002, 1.0 / self._n_steps) * (leaving - self._usual_step)
        if self._n_steps < SPREAD_ROWS:
            return 0.0
        return abs(log((sum(steps) / SPREAD_ROWS + _FLAT) / (self._usual_step + _FLAT)))
