"""The embedded index: Qdrant in a folder, opened briefly by one process at a time.

Qdrant's local mode compares a query with every sparse vector in turn: 0.2 s of CPU among 20,000
passages. So it keeps the passages, and words are looked up in an inverted index made of them when
they are first searched; the ranking is the same. What it stores it reads by pickle: hence the
folder is sealed by the workspace's key, and one that was changed by another hand is made anew, for
it holds nothing that cannot be made again.
"""

from __future__ import annotations

import hmac
import shutil
import warnings
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from configs.errors import Busy, Failed
from storage.index.bm25 import Postings, Sparse
from storage.index.qdrant import KEYWORDS, LEG, MEANING, QdrantIndex
from storage.locks import hold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from storage.index.port import Embedder, Passage

WHAT: Final = "the index"
SEAL: Final = "seal"
_CHUNK: Final = 1 << 20


class LocalIndex(QdrantIndex):
    """An index in a folder."""

    changed = False

    def upsert(self, passages: Iterable[Passage]) -> None:
        """Put passages in; see the port."""
        self._forget()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Local mode is not recommended")
            super().upsert(passages)

    def delete(self, documents: Collection[str]) -> None:
        """Take out all passages of documents; see the port."""
        self._forget()
        super().delete(documents)

    def clear(self) -> None:
        """Take out everything."""
        self._forget()
        super().clear()

    def _forget(self) -> None:
        self.changed = True
        self.__dict__.pop("_held", None)

    @cached_property
    def _held(self) -> tuple[list[Any], Postings, Any]:
        """The points, the index of their words, and their kinds."""
        answer = self._client.scroll(self.name, limit=self.count() or 1, with_vectors=[KEYWORDS])
        points: list[Any] = [*answer[0]]
        vectors = [point.vector[KEYWORDS] for point in points]
        kinds = np.array([point.payload["kind"] for point in points])
        return points, Postings([Sparse(v.indices, v.values) for v in vectors]), kinds

    def _ranked(
        self, words: Sparse, dense: list[float] | None, chosen: Any, limit: int
    ) -> Sequence[Any]:
        """Rank by words here, by meaning in Qdrant, and fuse as Qdrant does."""
        from qdrant_client.hybrid.fusion import reciprocal_rank_fusion

        by_words = self._by_words(words, chosen, limit if dense is None else LEG)
        if dense is None:
            return by_words
        answer = self._client.query_points(
            self.name, query=dense, using=MEANING, query_filter=chosen, limit=LEG
        )
        return reciprocal_rank_fusion([by_words, answer.points], limit=limit)

    def _by_words(self, words: Sparse, chosen: Any, limit: int) -> list[Any]:
        from qdrant_client.http.models import ScoredPoint

        points, postings, kinds = self._held
        scores = postings.scores(words)
        if chosen is not None:
            scores = np.where(np.isin(kinds, chosen.must[0].match.any), scores, 0)
        places = np.flatnonzero(scores > 0)
        if len(places) > limit:
            # All that are as good as the last: equals are told apart by their ids.
            least = np.partition(scores[places], -limit)[-limit]
            places = places[scores[places] >= least]
        best = sorted(places, key=lambda place: (-scores[place], str(points[place].id)))[:limit]
        return [
            ScoredPoint(
                id=points[i].id, version=0, score=float(scores[i]), payload=points[i].payload
            )
            for i in best
        ]


@contextmanager
def open_local(
    folder: Path,
    *,
    key: bytes,
    embedder: Embedder | None,
    lock_timeout_s: float,
    on_wait: Callable[[str], None] | None = None,
) -> Iterator[LocalIndex]:
    """Open the index in a folder, made if it is not there, for a moment.

    Parameters
    ----------
    folder
        Where Qdrant keeps it; the lock file stands beside it.
    key
        What seals the folder.
    lock_timeout_s
        Seconds to wait for another process.
    on_wait
        Called with a sentence if there is something to wait for, or to make anew.

    Raises
    ------
    Busy
        If the index stays in use.
    Failed
        If the folder cannot be opened.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with hold(lock_of(folder), what=WHAT, timeout_s=lock_timeout_s, on_wait=on_wait):
        if not is_sealed(folder, key):
            shutil.rmtree(folder)
            if on_wait is not None:
                on_wait("the index was not as qraft left it: it is made anew")
        client = _connect(folder)
        index = LocalIndex(client, embedder=embedder)
        try:
            yield index
        finally:
            client.close()
            if index.changed:
                (folder / SEAL).write_text(_seal_of(folder, key), encoding="ascii")


def _connect(folder: Path) -> Any:
    from qdrant_client import QdrantClient

    try:
        return QdrantClient(path=str(folder))
    except RuntimeError as error:
        raise Busy(f"another program has opened the index {folder}") from error
    except (OSError, ValueError) as error:
        raise Failed(
            f"the index {folder} cannot be opened",
            hint="it holds nothing that cannot be made again: it may be deleted",
        ) from error


def lock_of(folder: Path) -> Path:
    """Return the file by which processes take turns at an index."""
    return folder.with_name(f"{folder.name}.lock")


def is_empty(folder: Path) -> bool:
    """Whether nothing was put there yet."""
    return not any(folder.glob("collection/*/storage.*"))


def is_sealed(folder: Path, key: bytes) -> bool:
    """Whether all that Qdrant would unpickle is as it was left; an empty folder is."""
    if is_empty(folder):
        return True
    seal = folder / SEAL
    if not seal.is_file():
        return False
    kept = seal.read_text(encoding="ascii", errors="replace")
    return hmac.compare_digest(kept.encode(), _seal_of(folder, key).encode())


def _seal_of(folder: Path, key: bytes) -> str:
    keyed = hmac.new(key, digestmod=sha256)
    for path in sorted(folder.glob("collection/*/storage.*")):
        keyed.update(str(path.relative_to(folder)).encode() + b"\0")
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                keyed.update(chunk)
    return keyed.hexdigest()
