"""Bodies of records that are no messages of the source: documents, ratings, thinning."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec


class Rating(msgspec.Struct, frozen=True):
    """A person's rating of a pattern.

    Attributes
    ----------
    pattern_id
        Which pattern.
    rating
        -1 of no use, 0 neither, 1 of use; a later one of the same pattern takes its place.
    detector, source
        What told it, as its row says; needed where the flow has forgotten it.
    comment
        What the person says; not looked at here.
    """

    pattern_id: Annotated[str, msgspec.Meta(max_length=64)]
    rating: Literal[-1, 0, 1]
    detector: str = ""
    source: str = ""
    comment: str = ""


class Thinned(msgspec.Struct, frozen=True):
    """How much of what is watched is looked at from here on; 1 is all."""

    keep_every: Annotated[int, msgspec.Meta(ge=1, le=10_000)]


_RATINGS: Final = msgspec.json.Decoder(Rating)
_THINNED: Final = msgspec.json.Decoder(Thinned)
_WRONG: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def rating_of(body: bytes) -> Rating | None:
    """Read a record FEEDBACK; None where it is none."""
    try:
        return _RATINGS.decode(body)
    except _WRONG:
        return None


def keep_every_of(body: bytes) -> int | None:
    """Read a record THINNED; None where it is none."""
    try:
        return _THINNED.decode(body).keep_every
    except _WRONG:
        return None
