"""The embedded index: Qdrant in a folder, opened briefly by one process at a time.

Qdrant's local mode compares a query with every sparse vector in turn: 0.2 s of CPU among 20,000
passages, and reads all of them when it is opened. So it keeps the passages, and words are looked up
in an inverted index, made of them when they are first searched and kept in a file beside them; the
ranking is the same. Points are kept as JSON (`storage.index.points`), and the folder is sealed by a
key that lies outside the workspace: one that was changed by another hand is made anew, for it holds
nothing that cannot be made again.
"""

from __future__ import annotations

import hmac
import shutil
import warnings
from contextlib import contextmanager
from functools import cached_property, partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from configs.errors import Busy, Failed
from storage.index.bm25 import Postings, Sparse, query_vector
from storage.index.kept import keep, recall, words_of_passages
from storage.index.port import Found, Passage
from storage.index.qdrant import KEYWORDS, LEG, MEANING, QdrantIndex
from storage.locks import hold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from storage.index.kept import Words
    from storage.index.port import Embedder

WHAT: Final = "the index"
SEAL: Final = "seal"
_CHUNK: Final = 1 << 20


class LocalIndex(QdrantIndex):
    """An index in a folder.

    Parameters
    ----------
    client
        Qdrant's, which may open the folder when it is first asked anything.
    folder
        Where files of words are kept.
    key
        What seals them.
    store
        The seal of what the folder holds.
    """

    changed = False

    def __init__(
        self, client: Any, *, embedder: Embedder | None, folder: Path, key: bytes, store: str
    ) -> None:
        super().__init__(client, embedder=embedder)
        self._path = folder / f"{self.name}.words"
        self._key = key
        self._store = store

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

    def search(self, query: str, *, limit: int = 8, kinds: Collection[str] = ()) -> list[Found]:
        """Return the passages nearest to a query; see the port."""
        words = self._kept
        if self._embedder is not None or words is None:
            return super().search(query, limit=limit, kinds=kinds)
        best = _best(words, query_vector(query), sorted(kinds), limit)
        return [
            Found(Passage(id=str(words.ids[place]), **words.payload(place)), score)
            for place, score in best
        ]

    def count(self) -> int:
        """Return how many passages there are."""
        return super().count() if self._kept is None else len(self._kept.ids)

    def _forget(self) -> None:
        self.changed = True
        self.__dict__.pop("_held", None)
        self.__dict__.pop("_kept", None)

    @cached_property
    def _kept(self) -> Words | None:
        """The file of words, where nothing has changed since it was written."""
        return None if self.changed else recall(self._path, key=self._key, store=self._store)

    @cached_property
    def _held(self) -> Words:
        """The same, made of the store where there is no such file."""
        if self._kept is not None:
            return self._kept
        answer = self._client.scroll(self.name, limit=self.count() or 1, with_vectors=[KEYWORDS])
        points: list[Any] = [*answer[0]]
        vectors = [point.vector[KEYWORDS] for point in points]
        postings = Postings.of([Sparse(v.indices, v.values) for v in vectors])
        ids = [str(point.id) for point in points]
        words = words_of_passages(postings, ids, [point.payload for point in points])
        if not self.changed:
            keep(self._path, words, key=self._key, store=self._store)
        return words

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

        held = self._held
        kinds = [] if chosen is None else chosen.must[0].match.any
        return [
            ScoredPoint(
                id=str(held.ids[place]), version=0, score=score, payload=held.payload(place)
            )
            for place, score in _best(held, words, kinds, limit)
        ]


def _best(held: Words, words: Sparse, kinds: Sequence[str], limit: int) -> list[tuple[int, float]]:
    """Return the places of the passages that score best, and their scores; equals by id."""
    scores = held.postings.scores(words)
    if kinds:
        scores = np.where(np.isin(held.kinds, kinds), scores, 0)
    places = np.flatnonzero(scores > 0)
    if len(places) > limit:
        # All that are as good as the last: equals are told apart by their ids.
        least = np.partition(scores[places], -limit)[-limit]
        places = places[scores[places] >= least]
    best = sorted(places, key=lambda place: (-scores[place], held.ids[place]))[:limit]
    return [(int(place), float(scores[place])) for place in best]


class _Lazy:
    """Qdrant's client, opened when it is first needed: opening reads every passage.

    Parameters
    ----------
    connect
        Opens it.
    """

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._opened: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._opened is None:
            self._opened = self._connect()
        return getattr(self._opened, name)

    def close(self) -> None:
        """Close it, if it was opened."""
        if self._opened is not None:
            self._opened.close()


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
        store = _sealed_as(folder, key)
        if store is None:
            shutil.rmtree(folder)
            if on_wait is not None:
                on_wait("the index was not as qraft left it: it is made anew")
        client = _Lazy(partial(_connect, folder))
        index = LocalIndex(client, embedder=embedder, folder=folder, key=key, store=store or "")
        try:
            yield index
        finally:
            client.close()
            if index.changed and folder.is_dir():
                (folder / SEAL).write_text(_seal_of(folder, key), encoding="ascii")


def _connect(folder: Path) -> Any:
    from qdrant_client import QdrantClient

    from storage.index.points import keep_points_as_json

    keep_points_as_json()
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
    """Whether all that Qdrant would read is as it was left; an empty folder is."""
    return _sealed_as(folder, key) is not None


def _sealed_as(folder: Path, key: bytes) -> str | None:
    """Return the seal of what is in a folder, empty where that is nothing; None if broken."""
    if is_empty(folder):
        return ""
    seal = folder / SEAL
    if not seal.is_file():
        return None
    kept, found = seal.read_text(encoding="ascii", errors="replace"), _seal_of(folder, key)
    return found if hmac.compare_digest(kept.encode(), found.encode()) else None


def _seal_of(folder: Path, key: bytes) -> str:
    keyed = hmac.new(key, digestmod=sha256)
    for path in sorted(folder.glob("collection/*/storage.*")):
        keyed.update(str(path.relative_to(folder)).encode() + b"\0")
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                keyed.update(chunk)
    return keyed.hexdigest()
