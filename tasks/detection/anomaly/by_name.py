"""Detectors of River's that take a bar as a dict of its fields."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

_MEDIAN = 0.5


class ByName:
    """One of River's anomaly detectors, given each bar as a dict from field to unit.

    A field's part in a score is what the score drops by when the field is put back to its median.

    Parameters
    ----------
    detector
        River's, new.
    fields
        The names of the fields.
    grace_bars
        Bars before its scores mean anything.
    """

    certain_from = inf

    def __init__(self, detector: Any, fields: Sequence[str], grace_bars: int) -> None:
        self._fields = tuple(fields)
        self.grace_bars = grace_bars
        self.score = detector.score_one
        self.learn = detector.learn_one

    def inputs(self, units: NDArray[np.float64]) -> Iterator[dict[str, float]]:
        """Return each bar as a dict."""
        fields = self._fields
        return (dict(zip(fields, bar, strict=True)) for bar in units.tolist())

    def parts(self, bar: dict[str, float], score: float) -> tuple[float, ...]:
        """Return what the score drops by without each field; all for a single field."""
        if len(self._fields) == 1:
            return (1.0,)
        without = (self.without(bar, field) for field in range(len(self._fields)))
        return tuple(max(0.0, score - self.score(other)) for other in without)

    def without(self, bar: dict[str, float], field: int) -> dict[str, float]:
        """Return a bar with one field put back to its median."""
        return {**bar, self._fields[field]: _MEDIAN}
