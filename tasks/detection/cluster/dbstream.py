"""Clusters by density, of any number and shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from river.cluster import DBSTREAM

from tasks.detection.cluster.change import ClusterChangeDetector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from taskspecs.detectors import DbStreamDetector

_CLEANUP_BARS = 10


class Dense:
    """River's DBSTREAM."""

    def __init__(self, radius: float, fading: float, fields: int) -> None:
        self._names = range(fields)
        self._stream: Any = DBSTREAM(
            clustering_threshold=radius, fading_factor=fading, cleanup_interval=_CLEANUP_BARS
        )

    def learn(self, bars: Sequence[Sequence[float]]) -> None:
        """Learn bars, in robust standard deviations from the medians."""
        names, learn = self._names, self._stream.learn_one
        for bar in bars:
            learn(dict(zip(names, bar, strict=True)))

    def centres(self) -> NDArray[np.float64]:
        """Return the centres of the clusters; of all micro-clusters before there are any."""
        found = self._stream.centers.values()
        known = found or (one.center for one in self._stream.micro_clusters.values())
        return np.array([[centre[name] for name in self._names] for centre in known])


class DbStreamChange(ClusterChangeDetector):
    """Micro-clusters that fade, joined where they share density.

    Source: Hahsler and Bolanos, "Clustering data streams based on shared density between
    micro-clusters", IEEE TKDE 2016, as in River. What a change is, is stated in
    `change.ClusterChangeDetector`.
    """

    def __init__(self, spec: DbStreamDetector) -> None:
        super().__init__(spec, Dense(spec.radius, spec.fading, len(spec.fields)))
