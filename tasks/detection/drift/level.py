"""A drift detector over the values of one level, in the level's own scale."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tasks.detection.drift.watch import Watch

LONGEST_MEMORY = 4_096
"""Values kept of a level; a detector's own window may have no such bound."""
_SLACK = 256
"""Values that may be kept beyond, so that not every one moves all others."""
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

    def __init__(self, make: Callable[[], Watch], warmup_bars: int) -> None:
        self._make = make
        self._warmup_bars = warmup_bars
        self._watch: Watch | None = None
        self._values = array("d")
        self._seen = 0
        self._total = 0.0
        self._until_scale = warmup_bars
        self._mean = 0.0
        self._std = 1.0

    @property
    def values(self) -> NDArray[np.float64]:
        """The values of this level, at most the last `LONGEST_MEMORY`."""
        return np.array(self._values[-LONGEST_MEMORY:])

    def standardised(self, means: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return means of the level by the mean and standard deviation of its first bars."""
        return (means - self._mean) / self._std

    def feed(
        self, values: NDArray[np.float64], *, heed: bool = True
    ) -> tuple[int, bool, NDArray[np.float64]]:
        """Take values until the detector finds a change.

        Parameters
        ----------
        values
            Shape (n,), n > 0, finite.
        heed
            Whether to stop at a change; if not, all are taken.

        Returns
        -------
        tuple
            How many were taken, whether the last of them showed a change, and the level's mean
            after each of them, in the unit of the values, NaN without a scale.
        """
        watched = self._watch is not None
        if watched:
            taken, found = self._look(values, heed=heed)
            means = self._keep(values[:taken])
            return taken, found, means
        taken = min(len(values), max(1, self._until_scale))
        means = self._keep(values[:taken])
        self._until_scale -= taken
        found = self._until_scale <= 0 and self._begin()
        means[: -1 if self._watch is not None else None] = np.nan
        return taken, found and heed, means

    @property
    def watched(self) -> bool:
        """Whether there is a scale, and so a detector."""
        return self._watch is not None

    def feed_one(self, value: float) -> tuple[bool, float]:
        """Do what `feed` does with one value, where there is a scale; without arrays it is quick.

        Returns
        -------
        tuple
            Whether the detector found a change, and the level's mean.
        """
        watch = self._watch
        assert watch is not None  # noqa: S101  -- only called with one
        found = watch.first_drift(((value - self._mean) / self._std,)) is not None
        self._seen += 1
        self._total += value
        values = self._values
        values.append(value)
        if len(values) > LONGEST_MEMORY + _SLACK:
            del values[:-LONGEST_MEMORY]
        return found, self._total / self._seen

    def shift_of(self, mean: float) -> float:
        """Return a mean of the level by the mean and standard deviation of its first bars."""
        return (mean - self._mean) / self._std

    def restart(self, values: NDArray[np.float64]) -> None:
        """Begin a new level with these values."""
        self._watch = None
        self._seen, self._total = len(values), float(values.sum())
        self._values = array("d", values)
        self._until_scale = self._warmup_bars - len(values)

    def _keep(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Remember values; return the level's mean after each."""
        n = len(values)
        totals = np.empty(n + 1)
        totals[0], totals[1:] = self._total, values
        np.cumsum(totals, out=totals)
        means: NDArray[np.float64] = totals[1:] / np.arange(self._seen + 1, self._seen + n + 1)
        self._seen, self._total = self._seen + n, float(totals[-1])
        self._values.frombytes(np.ascontiguousarray(values[-LONGEST_MEMORY:]).tobytes())
        if len(self._values) > LONGEST_MEMORY:
            del self._values[:-LONGEST_MEMORY]
        return means

    def _look(self, values: NDArray[np.float64], *, heed: bool) -> tuple[int, bool]:
        """Feed the detector; return how many values it took and whether it found a change."""
        watch = self._watch
        assert watch is not None  # noqa: S101  -- only called with one
        left = ((values - self._mean) / self._std).tolist()
        found = watch.first_drift(left)
        if heed:
            return (len(left), False) if found is None else (found + 1, True)
        while found is not None and (left := left[found + 1 :]):
            found = watch.first_drift(left)
        return len(values), False

    def _begin(self) -> bool:
        """Learn the scale, go through the level, say whether its mean changed on the way."""
        known = self.values
        mean, std = float(known.mean()), float(known.std())
        if std <= max(_LEAST_SPREAD, _ROUNDING * float(np.abs(known).max())):
            self._until_scale = self._warmup_bars
            return False
        self._mean, self._std = mean, std
        self._watch = self._make()
        _, found = self._look(known, heed=True)
        return found
