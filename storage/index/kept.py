"""The words of an index in one compact file: looked up without opening the store of passages.

Qdrant's local mode reads every passage when it is opened. Where words alone are asked for, and
nothing has changed, this file answers: the inverted index and the passages, side by side. It is
sealed by the workspace's key together with the store it was made of, holds no pickle, and is made
anew whenever it does not fit.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from storage.index.bm25 import Postings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

ARRAYS = ("terms", "starts", "ends", "weights", "owners", "ids", "kinds", "texts", "places")


@dataclass(frozen=True)
class Words:
    """Passages and the inverted index over them.

    Attributes
    ----------
    ids, kinds
        One for each passage.
    texts
        All payloads, as JSON in UTF-8, one behind the other; bytes.
    places
        Where each payload begins, and where the last one ends.
    """

    postings: Postings
    ids: NDArray[np.str_]
    kinds: NDArray[np.str_]
    texts: NDArray[np.uint8]
    places: NDArray[np.int64]

    def payload(self, place: int) -> dict[str, Any]:
        """Return what is kept of a passage beside its id."""
        text = self.texts[self.places[place] : self.places[place + 1]].tobytes()
        value: dict[str, Any] = json.loads(text)
        return value


def words_of_passages(
    postings: Postings, ids: Sequence[str], payloads: Sequence[dict[str, Any]]
) -> Words:
    """Put passages beside the index of their words; all in one order."""
    texts = [json.dumps(payload, ensure_ascii=False).encode() for payload in payloads]
    return Words(
        postings,
        np.array(ids, dtype=np.str_),
        np.array([payload["kind"] for payload in payloads], dtype=np.str_),
        np.frombuffer(b"".join(texts), dtype=np.uint8),
        np.cumsum([0, *map(len, texts)], dtype=np.int64),
    )


def keep(path: Path, words: Words, *, key: bytes, store: str) -> None:
    """Write a file of words and seal it.

    Parameters
    ----------
    store
        The seal of the store that they are of.
    """
    postings = words.postings
    values = (*postings.arrays, words.ids, words.kinds, words.texts, words.places)
    named: dict[str, Any] = dict(zip(ARRAYS, values, strict=True))
    buffer = BytesIO()
    np.savez(buffer, **named)
    fresh = path.with_suffix(".draft")
    fresh.write_bytes(_seal(buffer.getvalue(), key, store) + buffer.getvalue())
    fresh.replace(path)


def recall(path: Path, *, key: bytes, store: str) -> Words | None:
    """Read a file of words; None where there is none of this store by this key."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    seal, content = raw[: sha256().digest_size], raw[sha256().digest_size :]
    if not hmac.compare_digest(seal, _seal(content, key, store)):
        return None
    with np.load(BytesIO(content), allow_pickle=False) as read:
        terms, starts, ends, weights, owners, ids, kinds, texts, places = (
            read[name] for name in ARRAYS
        )
    postings = Postings(len(ids), terms, starts, ends, weights, owners)
    return Words(postings, ids, kinds, texts, places)


def _seal(content: bytes, key: bytes, store: str) -> bytes:
    keyed = hmac.new(key, store.encode(), sha256)
    keyed.update(content)
    return keyed.digest()
