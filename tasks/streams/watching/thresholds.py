"""Thresholds: how people's ratings of patterns move what is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.streams.documents import Rating
    from taskspecs.sources.flow import FeedbackRule

REMEMBERED: Final = 10_000
"""Patterns whose detector is remembered, and ratings that count."""

Teller = tuple[str, str]
"""A detector's name, and what it watches."""


class Thresholds:
    """By how much each detector's threshold is moved by ratings.

    The threshold is in bits: a pattern of confidence c is told where `-log2(1 - c)` reaches that of
    `least_confidence`, times the factor. The factor is `(1 + step)` to the power of the number of
    patterns rated -1 less those rated 1, at most `most` and at least one over it. A rating of the
    same pattern takes the place of the one before, and 0 takes it back.

    Parameters
    ----------
    rule
        The section `feedback`.
    """

    def __init__(self, rule: FeedbackRule) -> None:
        self._told: dict[str, Teller] = {}
        self._ratings: dict[str, tuple[Teller, int]] = {}
        self._factors: dict[Teller, float] = {}
        self.adopt(rule)

    def adopt(self, rule: FeedbackRule) -> None:
        """Follow another rule; ratings stay."""
        self._rule = rule
        self._reckon()

    def remember(self, pattern_id: str, teller: Teller) -> None:
        """Know who told a pattern."""
        self._told[pattern_id] = teller
        if len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]

    def rate(self, rating: Rating) -> Mapping[str, Any]:
        """Take a rating; return what came of it."""
        teller = self._told.get(rating.pattern_id, (rating.detector, rating.source))
        said = {"about": "feedback", "pattern_id": rating.pattern_id, "rating": rating.rating}
        if teller == ("", ""):
            return {**said, "said": "no such pattern is known, and no detector was named"}
        before = self.factor(teller)
        self._ratings.pop(rating.pattern_id, None)
        self._ratings[rating.pattern_id] = (teller, rating.rating)
        if len(self._ratings) > REMEMBERED:
            del self._ratings[next(iter(self._ratings))]
        self._reckon()
        return {**said, "detector": teller[0], "source": teller[1], "factor_before": before,
                "factor": self.factor(teller), "said": "counted"}  # fmt: skip

    def factor(self, teller: Teller) -> float:
        """Return what a detector's threshold is multiplied by."""
        return self._factors.get(teller, 1.0)

    def factors(self) -> dict[str, float]:
        """Return the factors of detectors that were rated, by name and what they watch."""
        return {f"{name}: {source}": one for (name, source), one in self._factors.items()}

    def _reckon(self) -> None:
        sums: dict[Teller, int] = {}
        for teller, rating in self._ratings.values():
            sums[teller] = sums.get(teller, 0) + rating
        step, most = self._rule.step, self._rule.most
        self._factors = {
            teller: min(max((1.0 + step) ** -float(total), 1.0 / most), most)
            for teller, total in sums.items()
        }

    def freeze(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {"told": self._told, "ratings": self._ratings}

    def thaw(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        self._told, self._ratings = state["told"], state["ratings"]
        self._reckon()
