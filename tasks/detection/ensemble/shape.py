"""How unlike any earlier course the course of the last rows is."""

from __future__ import annotations

from math import sqrt
from operator import add
from typing import TYPE_CHECKING

from tasks.detection.ensemble.nearest import Nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

SHAPE_ROWS = 16
_REMEMBERED = 250


class Shape:
    """The distance of the last 16 ranks, two by two, from the nearest such course in 2,000 rows.

    Source: nearest neighbours among lagged windows, as in Burnaev and Ishimtsev, "Conformalized
    density- and distance-based anomaly detection in time-series data", 2016, with ranks in the
    place of their Mahalanobis metric.
    """

    __slots__ = ("_nearest",)

    def __init__(self) -> None:
        self._nearest = Nearest(_REMEMBERED, SHAPE_ROWS // 2, SHAPE_ROWS)

    def novelty(self, ranks: Sequence[int]) -> float | None:
        """Return the distance of 16 ranks, the newest last, then learn them; None at first."""
        look = list(map(add, ranks[::2], ranks[1::2]))
        power = sum([x * x for x in look])
        least = self._nearest.least(look)
        if self._nearest.is_due():
            self._nearest.remember([*(-2 * x for x in look), power])
        return None if least is None else sqrt(power + least)
