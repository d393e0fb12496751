"""Quiet: what a series does while nothing is wrong, and how far from that something is."""

from __future__ import annotations

from array import array
from math import erfc, exp, sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tasks.detection.scaling.scale import SIGMA_PER_IQR
from tasks.streams.watching.tails import NO_TAIL, Tail, fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

REMEMBERED: Final = 1_024
"""Quiet values of a series from which is learnt."""
FIRST: Final = 32
"""Values from which there is a scale."""
ENOUGH: Final = 256
"""Values from which a confidence is learnt; before, it is the detector's own."""
HORIZON: Final = 1_000
"""Confidence is against so many quiet values."""
BLOCK: Final = 32
"""Values whose means say how much slow movement there is."""
SMALLEST: Final = 1e-50
"""The least deviation that counts, as large values are the inverse of it: see `guard.LARGEST`."""


class Quiet:
    """The quiet history of one series under one detector: its values but those of alarms.

    *Severity* is in robust standard deviations (interquartile range / 1.349) of the quiet values,
    and has no upper end. Of an anomaly it is how far the values are from their medians, with
    several fields together by their correlations (Mahalanobis); of a drift or a change of clusters,
    how far the mean moved, of the field that moved furthest.

    *Confidence* is the chance that a thousand quiet values bring nothing as severe. For anomalies
    the deviations beyond their 95 % quantile are taken for a generalised Pareto tail (see
    `tails`). For drifts, the shift is compared with the spread of means of 32 quiet values, so what
    moves slowly by itself is sure of less. Changes of clusters keep the detector's own, as do all
    until there are 256 quiet values.

    What is learnt is renewed at every 256th value, from the 1,024 before: a value is never judged
    by itself, and how values are cut into calls changes nothing.

    Parameters
    ----------
    fields
        How many numbers a value has.
    """

    def __init__(self, fields: int) -> None:
        self._values = array("d")
        self._fields = fields
        self._learnt = 0
        self._until = FIRST
        self._centre = np.zeros(fields)
        self._sigma = np.zeros(fields)
        self._slow = np.zeros(fields)
        self._inverse = np.eye(fields)
        self._tail: Tail = NO_TAIL

    @property
    def known(self) -> bool:
        """Whether there is a scale."""
        return self._learnt >= FIRST

    def learn(self, rows: Sequence[Sequence[float]]) -> None:
        """Take quiet values, in their order."""
        at = 0
        while at < len(rows):
            part = rows[at : at + self._until]
            at += len(part)
            for row in part:
                self._values.extend(row)
            self._learnt += len(part)
            self._until -= len(part)
            if self._until == 0:
                self._renew()

    def forget_before(self, kept: int) -> None:
        """Keep the newest values alone: what was before another level is not quiet any more."""
        del self._values[: -max(1, kept) * self._fields]

    def _renew(self) -> None:
        self._until = min(ENOUGH, self._learnt)
        del self._values[: -REMEMBERED * self._fields]
        rows = np.array(self._values).reshape(-1, self._fields)
        ordered = np.sort(rows, axis=0)
        low, self._centre, high = (ordered[int(share * len(rows))] for share in (0.25, 0.5, 0.75))
        away = rows - self._centre
        spread = SIGMA_PER_IQR * (high - low)
        spread = np.where(spread > 0.0, spread, np.abs(away).mean(axis=0))
        self._sigma = np.maximum(spread, np.maximum(1e-12 * np.abs(self._centre), SMALLEST))
        scaled = away / self._sigma
        self._inverse = _inverse(scaled)
        self._slow = _slow(scaled)
        self._tail = fit(self._distance(scaled)) if len(rows) >= ENOUGH else NO_TAIL

    def _distance(self, scaled: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._fields == 1:
            alone: NDArray[np.float64] = np.abs(scaled[:, 0])
            return alone
        squares = np.einsum("ni,ij,nj->n", scaled, self._inverse, scaled)
        together: NDArray[np.float64] = np.sqrt(np.maximum(squares, 0.0))
        return together

    def judge_values(self, values: Sequence[float], own: float) -> tuple[float, float]:
        """Return severity and confidence of an anomaly; `own` is what its detector says."""
        scaled = (np.array([values]) - self._centre) / self._sigma
        severity = float(self._distance(scaled)[0])
        if self._tail is NO_TAIL or self._tail.size == 0:
            return severity, own
        return severity, exp(-HORIZON * self._tail.beyond(severity))

    def judge_shift(
        self, moved: Sequence[float], before: float, after: float, own: float
    ) -> tuple[float, float]:
        """Return severity and confidence of a drift.

        Parameters
        ----------
        moved
            How far the mean of each field moved, in its unit.
        before, after
            Values on either side.
        own
            What its detector says.
        """
        scaled = np.abs(np.array(moved)) / self._sigma
        severity = float(scaled.max())
        if not self._slow.all():
            return severity, own
        error = self._slow * sqrt(BLOCK * (1.0 / max(before, 1.0) + 1.0 / max(after, 1.0)))
        chance = erfc(float((scaled / error).max()) / sqrt(2.0))
        looks = self._fields * HORIZON / BLOCK
        return severity, min(own, exp(-looks * chance))

    def freeze(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {name: getattr(self, name) for name in _FIELDS} | {"tail": list(self._tail)}

    def thaw(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        for name in _FIELDS:
            setattr(self, name, state[name])
        self._tail = Tail(*state["tail"])


_FIELDS: Final = (
    "_values", "_learnt", "_until", "_centre", "_sigma", "_slow", "_inverse"
)  # fmt: skip


def _inverse(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inverse of the fields' correlations, of values that are pulled in."""
    if scaled.shape[1] == 1:
        return np.eye(1)
    calm = np.clip(scaled, -3.0, 3.0)
    products = calm.T @ calm / len(calm)
    sizes = np.sqrt(np.maximum(np.diag(products), 1e-12))
    correlations = products / np.outer(sizes, sizes) + 1e-3 * np.eye(len(sizes))
    return np.linalg.inv(correlations)


def _slow(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard deviation of means of blocks, in those of single values; 0: not known."""
    whole = len(scaled) // BLOCK
    if whole < ENOUGH // BLOCK:
        return np.zeros(scaled.shape[1])
    kept = np.clip(scaled[-whole * BLOCK :], -8.0, 8.0)
    means = kept.reshape(whole, BLOCK, -1).mean(axis=1)
    spread: NDArray[np.float64] = np.maximum(means.std(axis=0, ddof=1), 1.0 / sqrt(BLOCK))
    return spread
