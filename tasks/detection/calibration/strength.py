"""How strong an alarm is, on a scale on which the alarms of one detector can be compared."""

from __future__ import annotations

from math import inf, log10
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.detection.protocol import Alarm
    from tasks.detection.registry import PatternType

P_VALUES = ("corrected_p_value", "p_value")
"""The metrics that hold a detector's own view of chance, the most complete first."""
MEASURES = ("score", "effect")
"""The metrics that hold how large what it found is."""
_DIGITS = 8

Strength = tuple[float, float]
"""What is compared first, and what decides between equals."""


def strength(
    finds: PatternType, metrics: Mapping[str, float | None], confidence: float
) -> Strength:
    """Return how strong an alarm is: only the order means something, and only within a detector.

    An anomaly is as strong as its score; a change as the logarithm of the detector's own p-value,
    or of one minus its confidence if it has none. The other of the two decides between equals.
    These are statistics: what they are worth is learnt on null data.

    Examples
    --------
    >>> strength("drift", {"p_value": 0.01, "effect": -0.5}, 0.99)
    (2.0, 0.5)
    >>> strength("anomaly", {"p_value": 0.01, "score": 0.75}, 0.99)
    (0.75, 2.0)
    """
    known = {name: value for name, value in metrics.items() if value is not None}
    chance = next((known[name] for name in P_VALUES if name in known), 1.0 - confidence)
    surprise = _rounded(-log10(chance) if chance > 0.0 else inf)
    size = next((abs(known[name]) for name in MEASURES if name in known), None)
    if size is None:
        return surprise, 0.0
    return (_rounded(size), surprise) if finds == "anomaly" else (surprise, _rounded(size))


def strength_of(finds: PatternType, alarm: Alarm) -> Strength:
    """Return the strength of an alarm."""
    metrics = {name: float(value) for name, (value, _) in alarm.metrics.items()}
    return strength(finds, metrics, alarm.confidence)


def strength_of_stored(
    finds: PatternType, metrics: Mapping[str, Any], confidence: float
) -> Strength:
    """Return the strength of an alarm from what `patterns.pattern_row` wrote of it."""
    wanted = {*P_VALUES, *MEASURES} & metrics.keys()
    numbers = {name: inf if (v := metrics[name]["value"]) is None else v for name in wanted}
    return strength(finds, numbers, confidence)


def _rounded(value: float) -> float:
    """Round to fewer digits than are stored, so that equal alarms are equally strong."""
    return float(f"{value:.{_DIGITS}g}")
