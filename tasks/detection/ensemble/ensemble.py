"""The default detector of single series: one setting for all of them."""

from __future__ import annotations

from math import exp

from tasks.detection.ensemble.likelihood import Likelihood
from tasks.detection.guard import LARGEST

THRESHOLD = 0.5
"""The score from which a row is flagged."""
SURPRISE = 2.95
"""The surprise at that score: set once on generated series (`scripts/bench/domains.py`)."""
RISE = 0.05
"""The share of it by which each alarm raises the bar for the next."""
RISE_ROWS = 10_000
"""Rows in which what an alarm raised falls by the factor e."""
REFRACTORY_ROWS = 100
"""An event is taken to go on for so long at least, and its scores stay below the threshold."""
ECHO_ROWS = 32
"""What ends is once more a change in the views that look back so far."""
NEW_EVENT = 1.75
"""Unless a row by itself is so many times as rare, in decades, as the row of the alarm was."""
_FADING = exp(-1.0 / RISE_ROWS)


class Ensemble:
    """Scores each row of a series as it comes, by several views of it.

    With the surprise s of a row (see `likelihood.Likelihood`) its score is s / (s + bar). The bar
    is `SURPRISE`, and 5 % more for each alarm so far, which fades over 10,000 rows: where alarms
    are many they are no news, so a series whose ordinary life is eventful is not all flags.

    One event is one alarm: for `REFRACTORY_ROWS` rows after an alarm, and until `ECHO_ROWS` have
    passed without a row that would alarm, scores are multiplied by the threshold. A row that is by
    itself `NEW_EVENT` times as rare as that of the alarm is another event, so a small one does not
    hide a large one.

    *Missing.* A value that is missing, NaN, infinite or beyond 1e50 scores 0, teaches nothing and
    does not count.

    *Late rows* are taken where they stand; their time only says which hour they belong to.

    Look-ahead: none; rows up to the present.

    Parameters
    ----------
    threshold
        The score from which a row is flagged.

    Examples
    --------
    >>> ensemble = Ensemble()
    >>> quiet = [ensemble.step(float(row % 7), 300.0 * row) for row in range(1_000)]
    >>> any(flag for _, flag in quiet), ensemble.step(90.0, 300_000.0)[1]
    (False, True)
    """

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self._likelihood = Likelihood()
        self._threshold = threshold
        self.surprise = 0.0
        """How surprising the last usable row was."""
        self._quiet_rows = 0
        self._rarity_of_alarm = 0.0
        self._alarms = 0.0

    @property
    def usual(self) -> float:
        """The median of the last rows, in the unit of the series."""
        return self._likelihood.usual

    @property
    def by_view(self) -> tuple[float, ...]:
        """How surprising the last usable row was in each of `views.NAMES`."""
        return self._likelihood.by_view

    def step(self, value: float, seconds: float | None = None) -> tuple[float, bool]:
        """Take the next row; return its score in [0, 1) and whether it is flagged.

        Parameters
        ----------
        value
            In any unit; NaN where it is missing.
        seconds
            Since 1970, UTC; None for rows without a time, whose seasons are then not learnt.
        """
        if not -LARGEST <= value <= LARGEST:  # true for NaN, too
            return 0.0, False
        self.surprise = surprise = self._likelihood.surprise(value, seconds)
        self._alarms *= _FADING
        score = surprise / (surprise + SURPRISE * (1.0 + RISE * self._alarms))
        surprising = score >= self._threshold
        self._quiet_rows = max(0, self._quiet_rows - 1)
        if not surprising:
            return (self._threshold * score if self._quiet_rows else score), False
        rarity = max(self.by_view)
        if self._quiet_rows and rarity <= NEW_EVENT * self._rarity_of_alarm:
            self._quiet_rows = max(self._quiet_rows, ECHO_ROWS)
            return self._threshold * score, False
        self._quiet_rows, self._rarity_of_alarm = REFRACTORY_ROWS + 1, rarity
        self._alarms += 1.0
        return score, True
