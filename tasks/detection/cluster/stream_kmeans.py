"""Clusters by k-means over chunks."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from river.cluster import KMeans, STREAMKMeans

from tasks.detection.cluster.change import ClusterChangeDetector, learn_each

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from taskspecs.detectors import StreamKMeansDetector

    Bar = dict[Any, Any]
    """From each field's place to its value; as River types it."""

_CHUNK_BARS = 10
_HALFLIFE = 0.2


class Means(KMeans):
    """River's, equal to it bit for bit, for bars that have every field."""

    def predict_one(self, x: Bar) -> int:
        """Return the centre that is nearest to a bar."""
        nearest, least = 0, inf
        bar = x.items()
        for place, centre in self.centers.items():
            away = sum([abs(centre[field] - value) ** 2 for field, value in bar])
            if away < least:
                nearest, least = place, away
        return nearest


class ChunkMeans(STREAMKMeans):
    """River's, equal to it bit for bit, without counting where in the chunk a bar is."""

    def __init__(self, n_clusters: int, seed: int) -> None:
        river: Any = super()  # whose constructor carries no types
        river.__init__(_CHUNK_BARS, n_clusters, halflife=_HALFLIFE, mu=0.0, sigma=1.0, seed=seed)
        self._kmeans: Any = self._new()
        self.centers = self._kmeans.centers

    def learn_one(self, x: Bar, w: float | None = None) -> None:
        """Learn a bar; the tenth of a chunk lets the chunk's centres be learnt."""
        chunk = self._temp_chunk
        chunk[len(chunk)] = x
        if len(chunk) == _CHUNK_BARS:
            means = self._new()
            for bar in chunk.values():
                means.learn_predict_one(bar)
            for centre in means.centers.values():
                self._kmeans.learn_predict_one(centre)
            chunk.clear()

    def _new(self) -> Any:
        return Means(self.n_clusters, **self.kwargs)


class Chunks:
    """River's STREAMKMeans, whose first centres are drawn about the medians."""

    def __init__(self, n_clusters: int, seed: int, fields: int) -> None:
        self._names = range(fields)
        self._means: Any = ChunkMeans(n_clusters, seed)

    def learn(self, bars: NDArray[np.float64]) -> None:
        """Learn bars, shape (n, fields), in robust standard deviations from the medians."""
        learn_each(self._means.learn_one, bars)

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
