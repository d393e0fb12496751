"""Passages in Qdrant: on a server, or in the memory of this process."""

from __future__ import annotations

from dataclasses import asdict
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from storage.index.bm25 import Sparse, passage_vector, query_vector
from storage.index.port import Found, Passage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from qdrant_client import QdrantClient

    from storage.index.port import Embedder

KEYWORDS: Final = "bm25"
MEANING: Final = "dense"
BATCH: Final = 64
"""Passages that go to the embedder and to the store at a time."""
LEG: Final = 50
"""The best of each ranking that are fused."""


class QdrantIndex:
    """Passages in one collection, whose name tells the embedder that its vectors are of.

    Parameters
    ----------
    collection
        The name that the collection's begins with.
    embedder
        None: words alone.
    """

    def __init__(
        self, client: QdrantClient, *, collection: str = "passages", embedder: Embedder | None
    ) -> None:
        suffix = f"-{sha256(embedder.name.encode()).hexdigest()[:8]}" if embedder else ""
        self.name = f"{collection}{suffix}"
        self._client = client
        self._embedder = embedder

    def upsert(self, passages: Iterable[Passage]) -> None:
        """Put passages in; see the port."""
        from qdrant_client import models

        for batch in _batches(passages):
            dense = self._embedded([searched(passage) for passage in batch])
            self._ensure(len(dense[0]) if dense else 0)
            points = []
            for number, passage in enumerate(batch):
                vector: dict[str, Any] = {KEYWORDS: _sparse(passage_vector(searched(passage)))}
                if dense:
                    vector[MEANING] = dense[number]
                points.append(
                    models.PointStruct(id=passage.id, vector=vector, payload=_payload(passage))
                )
            self._client.upsert(self.name, points, wait=True)

    def delete(self, documents: Collection[str]) -> None:
        """Take out all passages of documents; see the port."""
        if documents and self._client.collection_exists(self.name):
            self._client.delete(self.name, _among("document", documents), wait=True)

    def clear(self) -> None:
        """Take out everything."""
        if self._client.collection_exists(self.name):
            self._client.delete_collection(self.name)

    def search(self, query: str, *, limit: int = 8, kinds: Collection[str] = ()) -> list[Found]:
        """Return the passages nearest to a query; see the port."""
        if not self._client.collection_exists(self.name):
            return []
        chosen = _among("kind", kinds) if kinds else None
        words = query_vector(query)
        dense = self._embedded([query])
        points = self._ranked(words, dense[0] if dense else None, chosen, limit)
        found = [Found(_passage(point), float(point.score)) for point in points]
        return sorted(found, key=lambda each: (-each.score, each.passage.id))[:limit]

    def count(self) -> int:
        """Return how many passages there are."""
        if not self._client.collection_exists(self.name):
            return 0
        return int(self._client.count(self.name).count)

    def _ranked(
        self, words: Sparse, dense: list[float] | None, chosen: Any, limit: int
    ) -> Sequence[Any]:
        """Let Qdrant rank, and fuse where there are two rankings."""
        from qdrant_client import models

        legs: list[models.Prefetch] = []
        if words.indices:
            legs.append(
                models.Prefetch(query=_sparse(words), using=KEYWORDS, filter=chosen, limit=LEG)
            )
        if dense is not None:
            legs.append(models.Prefetch(query=dense, using=MEANING, filter=chosen, limit=LEG))
        if not legs:
            return []
        if len(legs) == 1:
            (leg,) = legs
            answer = self._client.query_points(
                self.name, query=leg.query, using=leg.using, query_filter=chosen, limit=limit
            )
        else:
            fused = models.FusionQuery(fusion=models.Fusion.RRF)
            answer = self._client.query_points(self.name, prefetch=legs, query=fused, limit=limit)
        return answer.points

    def _embedded(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.embed(texts) if self._embedder else []

    def _ensure(self, dimensions: int) -> None:
        """Make the collection unless it is there."""
        from qdrant_client import models

        if self._client.collection_exists(self.name):
            return
        cosine = models.Distance.COSINE
        dense = {MEANING: models.VectorParams(size=dimensions, distance=cosine)}
        self._client.create_collection(
            self.name,
            vectors_config=dense if dimensions else {},
            sparse_vectors_config={
                KEYWORDS: models.SparseVectorParams(modifier=models.Modifier.IDF)
            },
        )
        self._index_payload()

    def _index_payload(self) -> None:
        """Let the store find passages by kind and document; where it cannot, it does without."""


def searched(passage: Passage) -> str:
    """Return what of a passage is searched: its title and its text."""
    return f"{passage.title}\n{passage.text}"


def _batches(passages: Iterable[Passage]) -> Iterator[list[Passage]]:
    left = iter(passages)
    while batch := list(islice(left, BATCH)):
        yield batch


def _payload(passage: Passage) -> dict[str, Any]:
    return {name: value for name, value in asdict(passage).items() if name != "id"}


def _passage(point: Any) -> Passage:
    return Passage(id=str(point.id), **point.payload)


def _sparse(vector: Sparse) -> Any:
    from qdrant_client import models

    return models.SparseVector(indices=vector.indices, values=vector.values)


def _among(key: str, values: Collection[str]) -> Any:
    from qdrant_client import models

    match = models.MatchAny(any=sorted(values))
    return models.Filter(must=[models.FieldCondition(key=key, match=match)])
