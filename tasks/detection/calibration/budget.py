"""What calibration may cost, in bars and not in seconds: equal keys give equal bytes anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.detection.execution.costs import bar_us

if TYPE_CHECKING:
    from taskspecs.detectors import DetectorSpec
    from taskspecs.discovery import CalibrationSpec

AFFORDABLE = 33.0
"""Where a bar costs so many microseconds, a detector gets `null_bars`: two seconds' worth at the
default."""
NULL_PER_BAR = 20
"""Null bars for each bar that is watched, where affordable: an alarm stronger than all null ones is
then a discovery by itself at a level of 5 %, or at 10 % beside as many bars of other detectors."""
LONGEST = 4_000
"""Most bars of one null series."""
LEAST_SERIES = 4
"""Null series that there are at least, each shorter where bars are few."""
FEWEST_BARS = 100
"""A series with fewer usable bars has nothing to make null data from."""
_INJECTIONS_FULL = 0.4
"""The affordable share of `null_bars` from which on a detector gets all injections."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Bars of null data, most bars of one null series, and changes planted of each size."""

    null_bars: int
    longest: int
    injections: int


def budget_of(spec: DetectorSpec, settings: CalibrationSpec, watched_bars: int = 0) -> Budget:
    """Return what a detector's calibration may cost.

    Parameters
    ----------
    watched_bars
        Usable bars of all series that the detector watches.

    Examples
    --------
    >>> from taskspecs.detectors import Adwin, Kswin
    >>> from taskspecs.discovery import CalibrationSpec
    >>> budget_of(Adwin(detector="adwin", watch="$close"), CalibrationSpec(), 17_000)
    Budget(null_bars=340000, longest=4000, injections=20)
    >>> budget_of(Kswin(detector="kswin", watch="$close"), CalibrationSpec(), 17_000)
    Budget(null_bars=6387, longest=1596, injections=5)
    """
    share = AFFORDABLE / bar_us(spec)
    wanted = max(settings.null_bars, NULL_PER_BAR * watched_bars)
    bars = max(1_000, min(wanted, round(settings.null_bars * share)))
    planted = settings.injections * min(1.0, share / _INJECTIONS_FULL)
    return Budget(bars, min(LONGEST, bars // LEAST_SERIES), round(planted))
