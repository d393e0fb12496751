"""What ratings of patterns change: of detectors that people find useless, fewer are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storage.feedback import Feedback

FEWEST_RATINGS = 3
"""Ratings, undecided ones aside, from which on a detector's patterns are held to more."""


@dataclass(frozen=True, slots=True)
class Usefulness:
    """What people think of one detector's patterns, and the least confidence that follows."""

    detector: str
    source: str
    useful: int
    useless: int
    least_confidence: float

    @property
    def share(self) -> float:
        """The share of useful ones: the mean of a uniform prior after these ratings."""
        return expected_share(self.useful, self.useless)


def expected_share(useful: int, useless: int) -> float:
    """Return the mean of the Beta(1 + useful, 1 + useless) posterior of the useful share.

    Examples
    --------
    >>> expected_share(0, 0), expected_share(0, 4)
    (0.5, 0.16666666666666666)
    """
    return (1 + useful) / (2 + useful + useless)


def stricter(ratings: Iterable[Feedback], level: float) -> dict[str, Usefulness]:
    """Return the cards whose patterns have to be surer than others, by the card's id.

    Of each person and pattern the last rating counts. A detector with at least `FEWEST_RATINGS`
    ratings and an expected useful share s below one half has the share of false patterns that is
    accepted cut in proportion: patterns below a confidence of 1 - 2 s x `level` are not shown. No
    rating makes it laxer, for that would void the level.

    Parameters
    ----------
    level
        Of the false discovery rate of the run that is shown.
    """
    last: Mapping[tuple[str, str], Feedback] = {(r.actor, r.pattern_id): r for r in ratings}
    cards: dict[str, list[Feedback]] = {}
    for rating in last.values():
        cards.setdefault(rating.card_id, []).append(rating)
    judged = {card: _judge(given, level) for card, given in cards.items()}
    return {
        card: one
        for card, one in judged.items()
        if one.share < 0.5 and one.useful + one.useless >= FEWEST_RATINGS
    }


def _judge(given: list[Feedback], level: float) -> Usefulness:
    useful = sum(one.rating == 1 for one in given)
    useless = sum(one.rating == -1 for one in given)
    least = 1.0 - 2.0 * expected_share(useful, useless) * level
    return Usefulness(given[0].detector, given[0].source, useful, useless, least)
