"""What holds for every detector: only finite numbers go in, and it does not repeat itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.detection.protocol import Alarm, OnlineDetector


LARGEST = 1e50
"""Values beyond this, either side of zero, count as infinite: their squares would be."""


class Guarded:
    """A detector behind the rules that all share.

    *Missing.* A bar with any value missing, NaN or infinite does not reach the detector: no score,
    no alarm, nothing learnt, and it does not count towards warm-up or cool-down. (River's ADWIN is
    silently of no use after one NaN.)

    *Episodes.* An alarm at most `cooldown_bars` usable bars after the alarm before it, spoken or
    not, belongs to the same episode and is not spoken.
    """

    def __init__(self, detector: OnlineDetector, cooldown_bars: int) -> None:
        self._detector = detector
        self._cooldown_bars = cooldown_bars
        self._quiet_for: int | None = None
        self._score: float | None = None

    @property
    def score(self) -> float | None:
        """What the detector measured at the last bar; None where it could not."""
        return self._score

    def step(self, values: Sequence[float]) -> Alarm | None:
        """Take one bar's values, in the order of `watch`; missing ones as NaN."""
        if not all(-LARGEST <= value <= LARGEST for value in values):  # false for NaN, too
            self._score = None
            return None
        alarm = self._detector.step(values)
        self._score = self._detector.score
        if self._quiet_for is not None:
            self._quiet_for += 1
        if alarm is None:
            return None
        known = self._quiet_for is not None and self._quiet_for <= self._cooldown_bars
        self._quiet_for = 0
        return None if known else alarm
