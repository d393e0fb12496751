"""Clusters by density, of any number and shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from river.cluster import DBSTREAM
from river.utils.vectordict import euclidean_distance_dict

from tasks.detection.cluster.change import ClusterChangeDetector, learn_each

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from taskspecs.detectors import DbStreamDetector

_CLEANUP_BARS = 10


class MicroClusters(DBSTREAM):
    """River's DBSTREAM, its distances asked without the layer above them: several for each bar."""

    _distance = staticmethod(euclidean_distance_dict)


class Dense:
    """River's DBSTREAM."""

    def __init__(self, radius: float, fading: float, fields: int) -> None:
        self._names = range(fields)
        self._stream: Any = MicroClusters(
            clustering_threshold=radius, fading_factor=fading, cleanup_interval=_CLEANUP_BARS
        )

    def learn(self, bars: NDArray[np.float64]) -> None:
        """Learn bars, shape (n, fields), in robust standard deviations from the medians."""
        learn_each(self._stream.learn_one, bars)

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
