"""Detection: drifts and anomalies in the series that a spec watches, found online."""

from tasks.detection.streams import DetectionResult, detect, watched

__all__ = ["DetectionResult", "detect", "watched"]
