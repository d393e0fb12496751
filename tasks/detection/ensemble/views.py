"""The views of a series that are watched: how far a row is from usual, in several ways."""

from __future__ import annotations

from collections import deque
from math import log1p, nan

from tasks.detection.ensemble.forecast import Forecast
from tasks.detection.ensemble.season import Season
from tasks.detection.ranks import RankWindow

LAGS_ROWS = (16, 32)
STEPS_ROWS = (4, 16)
RANGE_ROWS = 12
NAMES = (
    "level",
    *(f"change over {rows} rows" for rows in LAGS_ROWS),
    *(f"step of {rows} rows" for rows in STEPS_ROWS),
    "range",
    "stillness",
    "forecast",
    "season",
)
LEVEL_ROWS = 300
STILL_ROWS = 60
"""Rows without a change that count; longer is not stranger."""
MIN_ROWS = 20
"""Rows before the level and the forecast are known."""
_SIGMA_PER_IQR = 0.7413
_FAR = 50.0
"""Robust deviations that count, where a model would otherwise be one outlier's."""
_LONGEST_ROWS = max(*LAGS_ROWS, 2 * max(STEPS_ROWS) - 1)


class Views:
    """Signed distances of one row from what is usual, some in the unit of the series.

    *level*: from the median of the last 300 values, in their robust deviations; *change*: from the
    value so many rows before; *step*: of the mean of so many rows from that of as many before them
    (the details of Haar's wavelet; Mallat, "A Wavelet Tour of Signal Processing", 2009); *range*:
    the largest less the smallest of the last 12 values, so that a line gone flat and one gone wild
    are both far; *stillness*: the logarithm of the rows since the value changed, for a sensor that
    is stuck; *forecast*: from an autoregression; *season*: from what is usual at the hour, once
    hours are known to matter.

    The views need no common scale, nor does zero have to be usual: each is compared with its own
    past (see `tail.OnlineTail`). None stands for a distance that is not known yet.

    Look-ahead: none. The level's window does not hold the row that is looked at.
    """

    def __init__(self) -> None:
        self._season = Season()
        self._forecast = Forecast()
        self._window = RankWindow(LEVEL_ROWS)
        self._recent: deque[float] = deque(maxlen=_LONGEST_ROWS + 1)
        self._still_rows = 0

    @property
    def usual(self) -> float:
        """The median of the last rows, in the unit of the series; NaN before the first."""
        return self._window.at(0.5) if len(self._window) else nan

    def look(self, value: float, seconds: float | None) -> tuple[float | None, ...]:
        """Return a distance for each of `NAMES`, and learn."""
        self._recent.append(value)
        recent = list(self._recent)
        still = len(recent) > 1 and value == recent[-2]
        self._still_rows = min(STILL_ROWS, self._still_rows + 1) if still else 0
        level = self._level(value)
        self._window.push(value)
        return (
            level,
            *(value - recent[-1 - rows] if len(recent) > rows else None for rows in LAGS_ROWS),
            *(_step(recent, rows) for rows in STEPS_ROWS),
            max(recent[-RANGE_ROWS:]) - min(recent[-RANGE_ROWS:]),
            log1p(self._still_rows),
            None if level is None else self._forecast.error(level),
            self._season.residual(value, seconds),
        )

    def _level(self, value: float) -> float | None:
        window = self._window
        if len(window) < MIN_ROWS:
            return None
        return min(_FAR, max(-_FAR, (value - window.at(0.5)) / self._scale()))

    def _scale(self) -> float:
        window = self._window
        spread = (window.at(0.75) - window.at(0.25)) * _SIGMA_PER_IQR
        if spread > 0.0:
            return spread
        wide = 0.25 * (window.at(0.98) - window.at(0.02))
        return wide if wide > 0.0 else max(1e-9 * abs(window.at(0.5)), 1e-300)


def _step(recent: list[float], rows: int) -> float | None:
    """Return the mean of the last rows less the mean of as many before; None with fewer."""
    if len(recent) < 2 * rows:
        return None
    return (sum(recent[-rows:]) - sum(recent[-2 * rows : -rows])) / rows
