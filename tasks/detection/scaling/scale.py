"""Bring a series into [0, 1] by what is already known of it."""

from __future__ import annotations

from tasks.detection.scaling.ranks import RankWindow

SIGMAS = 8.0
"""Half the width of the unit interval, in robust standard deviations. With 4 there is no empty room
around normal values, and trees split at random do not see one field's outlier among three."""
SIGMA_PER_IQR = 0.7413
"""A normal distribution's standard deviation over its interquartile range."""


class CausalScale:
    """An affine map from a series into [0, 1] that the present value cannot move.

    The median of the last `window_bars` values goes to 0.5 and `SIGMAS` robust standard deviations
    (interquartile range / 1.349) to either end; what lies beyond is set to the end. The present
    value is not among those the map is made of, so an outlier does not hide itself.

    Where half of the past values are equal, the interquartile range says nothing and half the
    range of all of them takes the place of `SIGMAS` deviations; where all are equal, a different
    value goes to the end on its side.

    Examples
    --------
    >>> scale = CausalScale(window_bars=5)
    >>> for value in (1.0, 2.0, 3.0, 4.0, 5.0):
    ...     scale.push(value)
    >>> scale.centre, scale.unit(3.0), scale.unit(1_000.0)
    (3.0, 0.5, 1.0)
    """

    __slots__ = ("_window",)

    def __init__(self, window_bars: int) -> None:
        self._window = RankWindow(window_bars)

    def __len__(self) -> int:
        return len(self._window)

    @property
    def centre(self) -> float:
        """The median of the past values, in their unit."""
        return self._window.at(0.5)

    def push(self, value: float) -> None:
        """Let a finite value become part of the past."""
        self._window.push(value)

    def unit(self, value: float) -> float:
        """Return where a value lies in [0, 1]; look-ahead: none, past values only."""
        away = value - self._window.at(0.5)
        if away == 0.0:
            return 0.5
        reach = self._reach()
        if abs(away) >= reach:
            return 1.0 if away > 0 else 0.0
        return 0.5 + 0.5 * (away / reach)

    def _reach(self) -> float:
        window = self._window
        spread = window.at(0.75) - window.at(0.25)
        if spread > 0.0:
            return SIGMAS * SIGMA_PER_IQR * spread
        return 0.5 * (window.nth_largest(1) - window.at(0.0))
