"""Detection: drifts, anomalies and changes of clusters in what a spec watches, found online."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasks.detection.execution.streams import DetectionResult, detect, watched

__all__ = ["DetectionResult", "detect", "watched"]


def __getattr__(name: str) -> Any:
    # A process that only runs detectors goes without the frames that `streams` imports.
    if name in __all__:
        from tasks.detection.execution import streams

        return getattr(streams, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
