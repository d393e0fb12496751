"""The detectors there are, by the name a TaskSpec uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tasks.detection.guard import Guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.detection.protocol import OnlineDetector
    from taskspecs.detectors import (
        Adwin,
        DetectorSpec,
        HalfSpaceTreesDetector,
        HddmA,
        Kswin,
        PageHinkleyTest,
    )

PatternType = Literal["drift", "anomaly", "cluster_change"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a detector finds, and how one is made from its part of the spec."""

    finds: PatternType
    build: Callable[[Any], OnlineDetector]


# River takes seconds to import, so a study without detectors, or a plan, goes without it.


def _adwin(spec: Adwin) -> OnlineDetector:
    from tasks.detection.adwin import AdwinDetector

    return AdwinDetector(spec)


def _page_hinkley(spec: PageHinkleyTest) -> OnlineDetector:
    from tasks.detection.page_hinkley import PageHinkleyDetector

    return PageHinkleyDetector(spec)


def _kswin(spec: Kswin) -> OnlineDetector:
    from tasks.detection.kswin import KswinDetector

    return KswinDetector(spec)


def _hddm_a(spec: HddmA) -> OnlineDetector:
    from tasks.detection.hddm import HddmADetector

    return HddmADetector(spec)


def _half_space_trees(spec: HalfSpaceTreesDetector) -> OnlineDetector:
    from tasks.detection.half_space_trees import HalfSpaceTreesAlarms

    return HalfSpaceTreesAlarms(spec)


REGISTRY: dict[str, Kind] = {
    "adwin": Kind("drift", _adwin),
    "page_hinkley": Kind("drift", _page_hinkley),
    "kswin": Kind("drift", _kswin),
    "hddm_a": Kind("drift", _hddm_a),
    "half_space_trees": Kind("anomaly", _half_space_trees),
}


def build_detector(spec: DetectorSpec) -> Guarded:
    """Return a new detector in its first state, behind the rules that all share.

    Examples
    --------
    >>> from taskspecs.detectors import Adwin
    >>> drift = build_detector(Adwin(detector="adwin", watch="$close"))
    >>> alarms = [drift.step((float(bar >= 60) + 0.1 * (bar % 3),)) for bar in range(120)]
    >>> [bar for bar, alarm in enumerate(alarms) if alarm][0] >= 60
    True
    """
    return Guarded(REGISTRY[spec.detector].build(spec), spec.cooldown_bars)
