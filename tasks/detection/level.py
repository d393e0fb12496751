"""A drift detector over the values of one level, in the level's own scale."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

LONGEST_MEMORY = 4_096
"""Values kept of a level; a detector's own window may have no such bound."""
_LEAST_SPREAD = 1e-50
_ROUNDING = 1e-12


class Level:
    """The values since the mean last changed, watched by one of River's drift detectors.

    The first `warmup_bars` values fix a mean and a standard deviation; all values, these included,
    enter the detector standardised by them. While all are equal but for rounding there is no scale;
    that is looked at again every `warmup_bars` values, and what was missed is then gone through.

    Parameters
    ----------
    make
        Returns a new detector; it pickles, as what it returns does.
    warmup_bars
        Values from which the scale is learnt.
    """

    def __init__(self, make: Callable[[], Any], warmup_bars: int) -> None:
        self._make = make
        self._warmup_bars = warmup_bars
        self._watch: Any = None  # River's methods carry no types
        self._values: deque[float] = deque(maxlen=LONGEST_MEMORY)
        self._seen = 0
        self._total = 0.0
        self._until_scale = warmup_bars
        self._mean = 0.0
        self._std = 1.0

    @property
    def values(self) -> NDArray[np.float64]:
        """The values of this level, at most the last `LONGEST_MEMORY`."""
        return np.array(self._values)

    @property
    def mean(self) -> float | None:
        """The mean of the level, in the unit of the values; None without a scale.

        Of the detector's own window, where it keeps one with an estimate.
        """
        if self._watch is None:
            return None
        estimate = getattr(self._watch, "estimation", None)
        if estimate is None:
            return self._total / self._seen
        return self._mean + self._std * float(estimate)

    def hold(self, value: float) -> None:
        """Add a value without looking at it."""
        self._keep(value)

    def push(self, value: float) -> bool:
        """Add a value; say whether the detector finds a change."""
        self._keep(value)
        return self._enter((value,)) if self._watch is not None else self._begin()

    def restart(self, values: NDArray[np.float64]) -> None:
        """Begin a new level with these values."""
        self._watch = None
        self._seen, self._total = len(values), float(values.sum())
        self._values = deque(values.tolist(), maxlen=LONGEST_MEMORY)
        self._until_scale = self._warmup_bars - len(values)

    def _keep(self, value: float) -> None:
        self._values.append(value)
        self._seen += 1
        self._total += value

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
        self._watch = self._make()
        return self._enter(self._values)

    def _enter(self, values: Iterable[float]) -> bool:
        """Feed the detector; say whether any of the values made it speak."""
        watch, mean, std = self._watch, self._mean, self._std
        for value in values:
            watch.update((value - mean) / std)
            if watch.drift_detected:
                return True
        return False
