"""What holds for every detector: only finite numbers go in, and it does not repeat itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tasks.detection.protocol import Alarm, OnlineDetector


LARGEST = 1e50
"""Values beyond this, either side of zero, count as infinite: their squares would be."""


def usable_rows(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the rows of which every value is a number within `LARGEST`.

    Parameters
    ----------
    values
        Float64, shape (n, fields).

    Returns
    -------
    numpy.ndarray
        Their indices, rising.

    Notes
    -----
    Look-ahead: none; each row by itself.

    Examples
    --------
    >>> usable_rows(np.array([[1.0, 2.0], [np.nan, 2.0], [1.0, -np.inf], [3.0, 1e49]])).tolist()
    [0, 3]
    """
    return np.flatnonzero((np.abs(values) <= LARGEST).all(axis=1))  # false for NaN, too


class Guarded:
    """A detector behind the rules that all share.

    *Missing.* A bar with any value missing, NaN or infinite does not reach the detector: no score,
    no alarm, nothing learnt, and it does not count towards warm-up or cool-down. (River's ADWIN is
    silently of no use after one NaN.)

    *Late rows.* Bars come in the order of their times; a series is sorted before it gets here, and
    one with two bars at one time is refused (see `series.split_series`). A bar that arrives after
    later ones were taken is for the next run, which starts from the checkpoint before it.

    *Episodes.* An alarm at most `cooldown_bars` usable bars after the alarm before it, spoken or
    not, belongs to the same episode and is not spoken.
    """

    def __init__(self, detector: OnlineDetector, cooldown_bars: int) -> None:
        self._detector = detector
        self._cooldown_bars = cooldown_bars
        self._taken = 0
        self._last_alarm: int | None = None
        self._score: float | None = None

    @property
    def score(self) -> float | None:
        """What the detector measured at the last bar; None where it could not."""
        return self._score

    def step(self, values: Sequence[float]) -> Alarm | None:
        """Take one bar's values, in the order of the fields; missing ones as NaN."""
        for value in values:
            if not -LARGEST <= value <= LARGEST:  # false for NaN, too
                self._score = None
                return None
        alarm = self._detector.step(values)
        self._score = self._detector.score
        self._taken += 1
        return alarm if alarm is not None and self._begins_episode(self._taken) else None

    def run(
        self, values: NDArray[np.float64], seconds: NDArray[np.float64] | None = None
    ) -> tuple[NDArray[np.float64], list[tuple[int, Alarm]]]:
        """Take many bars at a go, which gives what `step` gives for each, only faster.

        Parameters
        ----------
        values
            Shape (bars, fields), in the order of time; missing ones as NaN.
        seconds
            Shape (bars,): their times since 1970, UTC, if they are known.

        Returns
        -------
        tuple
            The score at each bar, shape (bars,), NaN where there is none; and the alarms that are
            spoken, each with the row of its bar.
        """
        usable = usable_rows(values)
        whole = len(usable) == len(values)
        times = seconds if seconds is None or whole else seconds[usable]
        scores, alarms = self._detector.run(values if whole else values[usable], times)
        spoken = [
            (int(usable[row]), alarm)
            for row, alarm in alarms
            if self._begins_episode(self._taken + row + 1)
        ]
        self._taken += len(usable)
        if not whole:
            measured, scores = scores, np.full(len(values), np.nan)
            scores[usable] = measured
        if len(scores):
            self._score = float(scores[-1]) if scores[-1] == scores[-1] else None
        return scores, spoken

    def _begins_episode(self, bar: int) -> bool:
        before, self._last_alarm = self._last_alarm, bar
        return before is None or bar - before > self._cooldown_bars
