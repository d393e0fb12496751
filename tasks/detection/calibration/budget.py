"""What calibration may cost, in bars and not in seconds: equal keys give equal bytes anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taskspecs.detectors import DetectorSpec
    from taskspecs.discovery import CalibrationSpec

SHARE: dict[str, float] = {
    "adwin": 1.0,
    "page_hinkley": 1.0,
    "hddm_a": 1.0,
    "hddm_w": 1.0,
    "ddm": 1.0,
    "fhddm": 1.0,
    "gaussian_scorer": 1.0,
    "predictive_anomaly": 1.0,
    "stream_kmeans": 1.0,
    "dbstream": 1.0,
    "ensemble": 0.8,
    "one_class_svm": 0.8,
    "eddm": 0.5,
    "half_space_trees": 0.4,
    "loda": 0.2,
    "kswin": 0.1,
}
"""Share of `null_bars` that a detector gets: about in proportion to its speed, within bounds."""
OTHERS = 0.2
"""The share of a detector that is not in the table."""
LONGEST = 4_000
"""Most bars of one null series."""
LEAST_SERIES = 4
"""Null series that there are at least, each shorter where bars are few."""
FEWEST_BARS = 100
"""A series with fewer usable bars has nothing to make null data from."""
_INJECTIONS_FULL = 0.4
"""The share from which on a detector gets all injections."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Bars of null data, most bars of one null series, and changes planted of each size."""

    null_bars: int
    longest: int
    injections: int


def budget_of(spec: DetectorSpec, settings: CalibrationSpec) -> Budget:
    """Return what a detector's calibration may cost.

    Examples
    --------
    >>> from taskspecs.detectors import Adwin, Kswin
    >>> from taskspecs.discovery import CalibrationSpec
    >>> budget_of(Adwin(detector="adwin", watch="$close"), CalibrationSpec())
    Budget(null_bars=60000, longest=4000, injections=20)
    >>> budget_of(Kswin(detector="kswin", watch="$close"), CalibrationSpec())
    Budget(null_bars=6000, longest=1500, injections=5)
    """
    share = SHARE.get(spec.detector, OTHERS)
    bars = max(1_000, round(settings.null_bars * share))
    planted = settings.injections * min(1.0, share / _INJECTIONS_FULL)
    return Budget(bars, min(LONGEST, bars // LEAST_SERIES), round(planted))
