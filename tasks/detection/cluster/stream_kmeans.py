"""Clusters by k-means over chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from river.cluster import STREAMKMeans

from tasks.detection.cluster.change import ClusterChangeDetector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from taskspecs.detectors import StreamKMeansDetector

_CHUNK_BARS = 10
_HALFLIFE = 0.2


class Chunks:
    """River's STREAMKMeans, whose first centres are drawn about the medians."""

    def __init__(self, n_clusters: int, seed: int, fields: int) -> None:
        self._names = range(fields)
        self._means: Any = STREAMKMeans(
            chunk_size=_CHUNK_BARS, n_clusters=n_clusters, halflife=_HALFLIFE, mu=0.0, sigma=1.0,
            seed=seed,
        )  # fmt: skip

    def learn(self, bars: Sequence[Sequence[float]]) -> None:
        """Learn bars, in robust standard deviations from the medians."""
        names, learn = self._names, self._means.learn_one
        for bar in bars:
            learn(dict(zip(names, bar, strict=True)))

    def centres(self) -> NDArray[np.float64]:
        """Return the centres in the order in which they were drawn."""
        found = self._means.centers.values()
        return np.array([[centre[name] for name in self._names] for centre in found])


class StreamKMeansChange(ClusterChangeDetector):
    """Centres of an incremental k-means, fed with those of chunks of ten bars.

    Source: O'Callaghan, Mishra, Meyerson, Guha and Motwani, "Streaming-data algorithms for
    high-quality clustering", ICDE 2002, as in River. What a change is, is stated in
    `change.ClusterChangeDetector`.
    """

    def __init__(self, spec: StreamKMeansDetector) -> None:
        super().__init__(spec, Chunks(spec.n_clusters, spec.seed, len(spec.fields)))
