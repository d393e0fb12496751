"""The views of a series that are watched: how far a row is from usual, in several ways."""

from __future__ import annotations

from collections import deque
from math import log

from tasks.detection.ensemble.forecast import Forecast
from tasks.detection.ensemble.season import Season
from tasks.detection.ranks import RankWindow

LEVEL_ROWS = 500
SHORT_ROWS = 8
SPREAD_ROWS = 16
NAMES = ("level", "difference", "forecast", "short mean", "spread")
MIN_ROWS = 20
_SIGMA_PER_IQR = 0.7413
_FAR = 50.0


class Views:
    """Five distances from usual of one row, in the series' own robust scale.

    *level*: from the median of the last 500 values, what is usual at the hour taken off; *difference*:
    from the value before; *forecast*: from an autoregression; *short mean*: the mean of the last 8
    values, from that median; *spread*: the logarithm of the mean step of the last 16 rows over that
    of long ago, either way, so that a line gone flat is far, too.
    """

    def __init__(self) -> None:
        self._season = Season()
        self._forecast = Forecast()
        self._window = RankWindow(LEVEL_ROWS)
        self._recent: deque[float] = deque(maxlen=SHORT_ROWS)
        self._steps: deque[float] = deque(maxlen=SPREAD_ROWS)
        self._usual_step = 0.0
        self._n_steps = 0
        self._before: float | None = None

    def look(self, value: float, seconds: float | None) -> tuple[float, ...] | None:
        """Return a distance for each of `NAMES`, and learn; None in the first rows."""
        before, self._before = self._before, value
        rest = self._season.take_off(value, seconds)
        window, found = self._window, None
        if before is not None and len(window) >= MIN_ROWS:
            centre, scale = window.at(0.5), self._scale()
            step = abs(value - before) / scale
            standard = min(_FAR, max(-_FAR, (rest - centre) / scale))
            self._recent.append(standard)
            found = (
                abs(rest - centre) / scale,
                step,
                abs(self._forecast.error(standard)),
                abs(sum(self._recent) / len(self._recent)),
                self._spread(min(step, _FAR)),
            )
        window.push(rest)
        return found

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
        return abs(log((sum(steps) / SPREAD_ROWS + 0.02) / (self._usual_step + 0.02)))
