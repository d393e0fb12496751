"""What a TaskSpec may say of a detector: one model for each, told apart by `detector`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from taskspecs.detectors.anomaly import (
    EnsembleDetector,
    GaussianScorerDetector,
    HalfSpaceTreesDetector,
    LodaDetector,
    OneClassSvmDetector,
    PredictiveDetector,
)
from taskspecs.detectors.base import Detector
from taskspecs.detectors.cluster import DbStreamDetector, StreamKMeansDetector
from taskspecs.detectors.drift import (
    Adwin,
    Ddm,
    DriftOfErrors,
    DriftOfMean,
    Eddm,
    Fhddm,
    HddmA,
    HddmW,
    Kswin,
    PageHinkleyTest,
)

DetectorSpec = Annotated[
    Adwin
    | PageHinkleyTest
    | Kswin
    | HddmA
    | HddmW
    | Ddm
    | Eddm
    | Fhddm
    | HalfSpaceTreesDetector
    | GaussianScorerDetector
    | OneClassSvmDetector
    | PredictiveDetector
    | LodaDetector
    | EnsembleDetector
    | StreamKMeansDetector
    | DbStreamDetector,
    Field(discriminator="detector"),
]

__all__ = [
    "Adwin", "DbStreamDetector", "Ddm", "Detector", "DetectorSpec", "DriftOfErrors", "DriftOfMean",
    "Eddm", "EnsembleDetector", "Fhddm", "GaussianScorerDetector", "HalfSpaceTreesDetector",
    "HddmA", "HddmW", "Kswin", "LodaDetector", "OneClassSvmDetector", "PageHinkleyTest",
    "PredictiveDetector", "StreamKMeansDetector",
]  # fmt: skip
