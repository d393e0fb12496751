"""Bring several series into [0, 1] by what is already known of them, many rows at a go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.detection.scaling.scale import SIGMA_PER_IQR, SIGMAS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FIRST_BARS = 20
"""Bars from which the first scale is learnt."""
_LEAST_NEW, _MOST_NEW = 10, 500


class Blocks:
    """Cuts a stream where what was learnt of it is renewed: at bars 20, 30, ... 500 apart at most.

    The cuts depend on how many bars there were before, and not on how they came in.

    Examples
    --------
    >>> blocks = Blocks()
    >>> [(part.start, part.stop) for part in blocks.cut(45)], blocks.is_full
    ([(0, 20), (20, 30), (30, 40), (40, 45)], False)
    """

    def __init__(self) -> None:
        self._bars = 0
        self._until = FIRST_BARS

    @property
    def is_full(self) -> bool:
        """Whether the last part reached a cut."""
        return self._bars == self._until

    def cut(self, rows: int) -> Iterator[slice]:
        """Yield the parts of so many new rows, in their order; each counts as it is asked for."""
        at = 0
        while at < rows:
            if self.is_full:
                self._until += min(_MOST_NEW, max(_LEAST_NEW, self._bars // 4))
            size = min(rows - at, self._until - self._bars)
            self._bars += size
            yield slice(at, at + size)
            at += size


class BlockScale:
    """An affine map of each field into [0, 1] that is learnt from bars before its block.

    The median of the last `window_bars` values goes to 0.5 and 8 robust standard deviations
    (interquartile range / 1.349) to either end; what lies beyond is set to the end. Where half of
    the values are equal, half their range takes the place of the 8 deviations; where all are, a
    different value goes to the end on its side. It is `scale.CausalScale`, renewed now and then.

    Parameters
    ----------
    window_bars
        Values that are remembered.
    fields
        How many series there are.
    """

    def __init__(self, window_bars: int, fields: int) -> None:
        self._window_bars = window_bars
        self._past = np.empty((0, fields))
        self.centre = np.zeros(fields)
        """The median of each field, in its unit."""
        self.reach = np.zeros(fields)
        """Half the width of the unit interval, in each field's unit."""

    @property
    def sigma(self) -> NDArray[np.float64]:
        """The robust standard deviation of each field, in its unit."""
        return self.reach / SIGMAS

    def learn(self, rows: NDArray[np.float64]) -> None:
        """Let rows, shape (n, fields), become part of the past; the map stays until `renew`."""
        kept = max(0, self._window_bars - len(rows))
        past = self._past[len(self._past) - min(kept, len(self._past)) :]
        self._past = np.concatenate([past, rows[-self._window_bars :]])

    def renew(self) -> None:
        """Learn the map from the past as it is now."""
        ordered = np.sort(self._past, axis=0)
        n = len(ordered)
        low, self.centre, high = (ordered[int(q * n)] for q in (0.25, 0.5, 0.75))
        spread = SIGMAS * SIGMA_PER_IQR * (high - low)
        self.reach = np.where(spread > 0.0, spread, 0.5 * (ordered[-1] - ordered[0]))

    def unit(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where rows, shape (n, fields), lie in [0, 1]."""
        away, reach = rows - self.centre, self.reach
        if not (reach > 0.0).all():
            reach = np.where(reach > 0.0, reach, np.maximum(np.abs(away), 1e-300))
        units: NDArray[np.float64] = np.minimum(np.maximum(0.5 + 0.5 * (away / reach), 0.0), 1.0)
        return units
