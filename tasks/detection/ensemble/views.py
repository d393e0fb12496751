"""The views of a series that are watched: how far a row is from usual, in several ways."""

from __future__ import annotations

from math import log1p
from typing import TypeVar

from tasks.detection.ensemble.forecast import Forecast
from tasks.detection.ensemble.level import Level
from tasks.detection.ensemble.memory import Memory
from tasks.detection.ensemble.mixture import Mixture
from tasks.detection.ensemble.season import Season
from tasks.detection.ensemble.shape import SHAPE_ROWS, Shape

T = TypeVar("T")

SHORT_ROWS, LONG_ROWS = 2, 32
RANGE_ROWS = 4
NAMES = (
    "level",
    f"step of {SHORT_ROWS} rows",
    f"step of {LONG_ROWS} rows",
    "range",
    "stillness",
    "forecast",
    "season",
    "memory",
    "mixture",
    "shape",
)
STILL_ROWS = 60
"""Rows without a change that count; longer is not stranger."""
_LOGS = [log1p(rows) for rows in range(STILL_ROWS + 1)]
_LONGEST_ROWS = 2 * LONG_ROWS


class Views:
    """Signed distances of one row from what is usual, some in the unit of the series.

    *level*: from the median of the last 300 values, in their robust deviations; *step*: of the mean
    of so many rows from that of as many before them (the details of Haar's wavelet; Mallat, "A
    Wavelet Tour of Signal Processing", 2009); *range*: the largest less the smallest of the last 4
    values, so that a line gone flat and one gone wild are both far; *stillness*: the logarithm of
    the rows since the value changed, for a sensor that is stuck; *forecast*: from an
    autoregression; *season*: from what is usual at the hour, once hours are known to matter;
    *memory*: the correlation of the last 32 ranks with those a row before, for a beat that goes
    faster or slower; *mixture* and *shape*: of the last 32 and 16 ranks from any before.

    The views need no common scale, nor does zero have to be usual: each is compared with its own
    past (see `tail.OnlineTail`). None stands for a distance that is not known yet.

    Look-ahead: none. The level's window does not hold the row that is looked at.
    """

    def __init__(self) -> None:
        self._level = Level()
        self._forecast = Forecast()
        self._season = Season()
        self._mixture = Mixture()
        self._shape = Shape()
        self._recent: list[float] = []
        self._memory = Memory()
        self._ranks: list[int] = []
        self._still_rows = 0

    @property
    def usual(self) -> float:
        """The median of the last rows, in the unit of the series; NaN before the first."""
        return self._level.usual

    def look(self, value: float, seconds: float | None) -> tuple[float | None, ...]:
        """Return a distance for each of `NAMES`, and learn."""
        recent, ranks = self._recent, self._ranks
        still = bool(recent) and value == recent[-1]
        self._still_rows = min(STILL_ROWS, self._still_rows + 1) if still else 0
        _append(recent, value, _LONGEST_ROWS)
        last = recent[-RANGE_ROWS:]
        away, rank = self._level.away(value), self._level.join(value)
        _append(ranks, rank, SHAPE_ROWS)
        return (
            away,
            _step_of_two(recent),
            _step(recent, LONG_ROWS),
            max(last) - min(last),
            _LOGS[self._still_rows],
            None if away is None else self._forecast.error(away),
            self._season.residual(value, seconds),
            self._memory.correlation(rank),
            self._mixture.novelty(rank),
            self._shape.novelty(ranks) if len(ranks) == SHAPE_ROWS else None,
        )


def _append(recent: list[T], value: T, rows: int) -> None:
    """Keep the last rows; a list, as slices are taken of it at every row."""
    recent.append(value)
    if len(recent) > rows:
        del recent[0]


def _step_of_two(recent: list[float]) -> float | None:
    """Return what `_step` does for `SHORT_ROWS`, without a slice."""
    if len(recent) < 2 * SHORT_ROWS:
        return None
    return (recent[-2] + recent[-1] - (recent[-4] + recent[-3])) / SHORT_ROWS


def _step(recent: list[float], rows: int) -> float | None:
    """Return the mean of the last rows less the mean of as many before; None with fewer."""
    if len(recent) < 2 * rows:
        return None
    return (sum(recent[-rows:]) - sum(recent[-2 * rows : -rows])) / rows
