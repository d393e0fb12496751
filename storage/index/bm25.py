"""Sparse vectors of BM25, and an inverted index over them. Pure.

The passage's side of BM25 is a vector, the store multiplies it by the terms' IDF at the query:
Robertson and Zaragoza, "The probabilistic relevance framework: BM25 and beyond", 2009. Terms are
numbered by a digest, so no vocabulary is kept anywhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from storage.index.words import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

K1: Final = 1.2
B: Final = 0.75
AVERAGE_WORDS: Final = 160
"""Words of a usual passage: what length is measured against, fixed so that vectors never change."""


class Sparse(NamedTuple):
    """A sparse vector: term numbers in ascending order, and their weights."""

    indices: list[int]
    values: list[float]


def passage_vector(text: str) -> Sparse:
    """Return a passage's vector: how much each word counts in it, saturating, by its length."""
    words = words_of(text)
    norm = K1 * (1 - B + B * len(words) / AVERAGE_WORDS)
    counts = Counter(term(word) for word in words)
    indices = sorted(counts)
    return Sparse(indices, [counts[i] * (K1 + 1) / (counts[i] + norm) for i in indices])


def query_vector(text: str) -> Sparse:
    """Return a query's vector: each of its words once."""
    indices = sorted({term(word) for word in words_of(text)})
    return Sparse(indices, [1.0] * len(indices))


@lru_cache(maxsize=200_000)
def term(word: str) -> int:
    """Return a word's number, below 2 ** 31."""
    return int.from_bytes(blake2b(word.encode(), digest_size=4).digest(), "big") >> 1


@dataclass(frozen=True)
class Postings:
    """An inverted index: for each term the passages that hold it, side by side in memory.

    Parameters
    ----------
    size
        How many passages there are.
    terms, starts, ends
        Each term's number, in ascending order, and where its passages stand; shape (terms,).
    weights, owners
        How much a term counts in a passage, and which passage that is, term by term.
    """

    size: int
    terms: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    weights: NDArray[np.float32]
    owners: NDArray[np.int32]

    @classmethod
    def of(cls, vectors: Sequence[Sparse]) -> Postings:
        """Make the index of vectors, one for each passage, in an order that the caller keeps."""
        size = len(vectors)
        terms = np.array([i for v in vectors for i in v.indices], dtype=np.int64)
        weights = np.array([w for v in vectors for w in v.values], dtype=np.float32)
        owners = np.repeat(np.arange(size, dtype=np.int32), [len(v.indices) for v in vectors])
        order = np.argsort(terms, kind="stable")
        numbers, starts = np.unique(terms[order], return_index=True)
        ends = np.append(starts[1:], len(terms))
        return cls(size, numbers, starts, ends, weights[order], owners[order])

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All that it is made of, but for the size."""
        return self.terms, self.starts, self.ends, self.weights, self.owners

    def scores(self, query: Sparse) -> NDArray[np.float32]:
        """Return the score of every passage, shape (passages,); 0 where no word is shared.

        IDF is that of Qdrant's modifier: ``ln(1 + (N - n + 0.5) / (n + 0.5))``.
        """
        scores = np.zeros(self.size, dtype=np.float32)
        for index, weight in zip(query.indices, query.values, strict=True):
            place = int(np.searchsorted(self.terms, index))
            if place == len(self.terms) or self.terms[place] != index:
                continue
            held = slice(self.starts[place], self.ends[place])
            n = held.stop - held.start
            idf = np.log1p((self.size - n + 0.5) / (n + 0.5))
            scores[self.owners[held]] += np.float32(weight * idf) * self.weights[held]
        return scores
