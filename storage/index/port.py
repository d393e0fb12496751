"""What any index does: passages go in by their ids, and come out by what is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document.

    Attributes
    ----------
    id
        A UUID; the same piece of the same document has the same one anywhere.
    document
        The document it belongs to: what is deleted goes by document.
    kind
        What the document is, as ``run`` or ``note``.
    date
        The document's day, ISO form; empty where it has none.
    run
        The run it tells of; empty where it tells of none.
    """

    id: str
    document: str
    kind: str
    title: str
    text: str
    date: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that answers a query; scores compare within one answer only."""

    passage: Passage
    score: float


class Embedder(Protocol):
    """What turns texts into dense vectors."""

    @property
    def name(self) -> str:
        """What tells vectors of different models apart."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a vector for each text, all of one length."""


class Index(Protocol):
    """Passages, found by words (BM25) and, where an embedder is given, by meaning too (RRF)."""

    def upsert(self, passages: Iterable[Passage]) -> None:
        """Put passages in; one of an id that is there takes its place."""

    def delete(self, documents: Collection[str]) -> None:
        """Take out all passages of documents; those that are not there do not matter."""

    def clear(self) -> None:
        """Take out everything."""

    def search(self, query: str, *, limit: int = 8, kinds: Collection[str] = ()) -> list[Found]:
        """Return the passages nearest to a query, the best first, equals by id.

        Parameters
        ----------
        query
            Words in English or Chinese, or both.
        limit
            At most so many.
        kinds
            Only passages of these kinds; empty for any.
        """

    def count(self) -> int:
        """Return how many passages there are."""
