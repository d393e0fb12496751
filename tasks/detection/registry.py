"""The detectors there are, by the name a TaskSpec uses."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from tasks.detection.guard import Guarded

if TYPE_CHECKING:
    from tasks.detection.protocol import OnlineDetector
    from taskspecs.detectors import DetectorSpec

PatternType = Literal["drift", "anomaly", "cluster_change"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a detector finds, and the class that is made from its part of the spec.

    Parameters
    ----------
    finds
        The type of its patterns.
    module, name
        Where the class is. It is imported when one is made: River takes seconds, so a study without
        detectors, or a plan, goes without it.
    """

    finds: PatternType
    module: str
    name: str

    def build(self, spec: DetectorSpec) -> OnlineDetector:
        """Return a new detector in its first state."""
        made = getattr(import_module(f"tasks.detection.{self.module}"), self.name)(spec)
        detector: OnlineDetector = made
        return detector


REGISTRY: dict[str, Kind] = {
    "adwin": Kind("drift", "drift.adwin", "AdwinDetector"),
    "page_hinkley": Kind("drift", "drift.page_hinkley", "PageHinkleyDetector"),
    "kswin": Kind("drift", "drift.kswin", "KswinDetector"),
    "hddm_a": Kind("drift", "drift.hddm_a", "HddmADetector"),
    "hddm_w": Kind("drift", "drift.hddm_w", "HddmWDetector"),
    "ddm": Kind("drift", "drift.ddm", "DdmDetector"),
    "eddm": Kind("drift", "drift.eddm", "EddmDetector"),
    "fhddm": Kind("drift", "drift.fhddm", "FhddmDetector"),
    "half_space_trees": Kind("anomaly", "anomaly.half_space_trees", "HalfSpaceTreesAlarms"),
    "gaussian_scorer": Kind("anomaly", "anomaly.gaussian_scorer", "GaussianScorerAlarms"),
    "one_class_svm": Kind("anomaly", "anomaly.one_class_svm", "OneClassSvmAlarms"),
    "predictive_anomaly": Kind("anomaly", "anomaly.predictive", "PredictiveAlarms"),
    "loda": Kind("anomaly", "anomaly.loda", "LodaAlarms"),
    "ensemble": Kind("anomaly", "ensemble.alarms", "EnsembleAlarms"),
    "stream_kmeans": Kind("cluster_change", "cluster.stream_kmeans", "StreamKMeansChange"),
    "dbstream": Kind("cluster_change", "cluster.dbstream", "DbStreamChange"),
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
