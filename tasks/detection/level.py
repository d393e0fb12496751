"""ADWIN over the values of one level, in the level's own scale."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np
from river.drift import ADWIN

from tasks.detection.significance import MIN_SIDE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

LONGEST_MEMORY = 4_096
"""Values kept of a level; ADWIN's own window has no such bound."""
_LEAST_SPREAD = 1e-50
_ROUNDING = 1e-12


class Level:
    """The values since the mean last changed, watched by ADWIN.

    The first `warmup_bars` values fix a mean and a standard deviation; all values, these included,
    enter ADWIN standardised by them. While all are equal but for rounding there is no scale; that
    is looked at again every `warmup_bars` values, and what was missed is then gone through.

    Parameters
    ----------
    delta
        ADWIN's bound on the probability of a false alarm at one step.
    warmup_bars
        Values from which the scale is learnt.
    """

    def __init__(self, delta: float, warmup_bars: int) -> None:
        self._delta = delta
        self._warmup_bars = warmup_bars
        self._adwin: Any = None  # River's methods carry no types
        self._values: deque[float] = deque(maxlen=LONGEST_MEMORY)
        self._until_scale = warmup_bars
        self._mean = 0.0
        self._std = 1.0

    @property
    def values(self) -> NDArray[np.float64]:
        """The values of this level, at most the last `LONGEST_MEMORY`."""
        return np.array(self._values)

    @property
    def mean(self) -> float | None:
        """The mean of ADWIN's window, in the unit of the values; None without a scale."""
        if self._adwin is None:
            return None
        return self._mean + self._std * float(self._adwin.estimation)

    def hold(self, value: float) -> None:
        """Add a value without looking at it."""
        self._values.append(value)

    def push(self, value: float) -> bool:
        """Add a value; say whether ADWIN finds that the mean has changed."""
        self._values.append(value)
        return self._enter((value,)) if self._adwin is not None else self._begin()

    def restart(self, values: NDArray[np.float64]) -> None:
        """Begin a new level with these values."""
        self._adwin = None
        self._values = deque(values.tolist(), maxlen=LONGEST_MEMORY)
        self._until_scale = self._warmup_bars - len(values)

    def _begin(self) -> bool:
        """Learn the scale when due, go through the level, say whether its mean changed."""
        self._until_scale -= 1
        if self._until_scale > 0:
            return False
        known = self.values
        mean, std = float(known.mean()), float(known.std())
        if std <= max(_LEAST_SPREAD, _ROUNDING * float(np.abs(known).max())):
            self._until_scale = self._warmup_bars
            return False
        self._mean, self._std = mean, std
        adwin: Any = ADWIN
        self._adwin = adwin(delta=self._delta, clock=1, min_window_length=MIN_SIDE)
        return self._enter(self._values)

    def _enter(self, values: Iterable[float]) -> bool:
        """Feed ADWIN; say whether any of the values made it cut its window."""
        adwin, mean, std = self._adwin, self._mean, self._std
        for value in values:
            adwin.update((value - mean) / std)
            if adwin.drift_detected:
                return True
        return False
