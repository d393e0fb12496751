"""What detectors cost, about: a figure to plan by, the same on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taskspecs.detectors import DetectorSpec

MICROSECONDS: dict[str, float] = {
    "adwin": 1.0,
    "page_hinkley": 1.0,
    "ddm": 3.0,
    "eddm": 3.0,
    "fhddm": 3.0,
    "gaussian_scorer": 3.0,
    "half_space_trees": 3.0,
    "predictive_anomaly": 5.0,
    "stream_kmeans": 5.0,
    "hddm_w": 6.0,
    "dbstream": 6.0,
    "hddm_a": 7.0,
    "one_class_svm": 16.0,
    "ensemble": 23.0,
    "loda": 115.0,
    "kswin": 310.0,
}
"""Of CPU time for a bar."""
OTHERS = 120.0
"""The cost of a detector that is not in the table."""
CHECKPOINT_BARS = 500
"""What opening a checkpoint, or sealing one, costs, in bars."""


def bar_us(spec: DetectorSpec) -> float:
    """Return what a bar costs a detector, in microseconds of CPU time.

    Examples
    --------
    >>> from taskspecs.detectors import Adwin
    >>> bar_us(Adwin(detector="adwin", watch="$close"))
    1.0
    """
    return MICROSECONDS.get(spec.detector, OTHERS)
