"""Stretches of the calendar, long enough that a plot shows each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from tasks.report.clock import Clock

    Floats = NDArray[np.float64]

_LENGTHS = {"month": (550, "1mo"), "week": (100, "1w"), "day": (0, "1d")}
"""Stretches by name: the days in all from which they are used, and how times are truncated."""


class Stretches(NamedTuple):
    """Rows of a frame, cut into stretches of the calendar.

    Attributes
    ----------
    name
        ``month``, ``week`` or ``day``.
    starts
        The place of the first row of each stretch.
    days
        The first day of each stretch, datetime64[D].
    axis
        The same in milliseconds, for an axis of dates.
    """

    name: str
    starts: NDArray[np.int64]
    days: NDArray[np.datetime64]
    axis: Floats

    def total(self, values: Floats) -> Floats:
        """Return the sum over each stretch."""
        return np.add.reduceat(values, self.starts)

    def mean(self, values: Floats) -> Floats:
        """Return the mean over each stretch, of the values that are there."""
        there = ~np.isnan(values)
        count = np.add.reduceat(there.astype(np.float64), self.starts)
        total = np.add.reduceat(np.where(there, values, 0.0), self.starts)
        return np.where(count > 0, total / np.maximum(count, 1.0), np.nan)

    def compounded(self, returns: Floats) -> Floats:
        """Return the return over each stretch, of the returns of its bars."""
        return np.multiply.reduceat(1 + returns, self.starts) - 1


def cut(ts: pl.Series, clock: Clock, every: str | None = None) -> Stretches:
    """Cut rows into months, weeks or days, by how long they last in all.

    Parameters
    ----------
    ts
        UTC, ascending, not empty.
    clock
        The zone in which days begin.
    every
        ``month``, ``week`` or ``day``; by default months from a year and a half on, days below a
        hundred days, weeks between.
    """
    local = clock.local(ts)
    days = (local[-1] - local[0]).days
    name = every or next(name for name, (least, _) in _LENGTHS.items() if days >= least)
    length = _LENGTHS[name][1]
    first = local.dt.truncate(length).dt.date().to_numpy().astype("datetime64[D]")
    starts = np.flatnonzero(np.concatenate([[True], first[1:] != first[:-1]]))
    axis = first[starts].astype("datetime64[ms]").astype(np.float64)
    return Stretches(name, starts, first[starts], axis)
