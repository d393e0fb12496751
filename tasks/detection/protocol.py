"""What every detector is to the rest: one method that takes one bar at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Numbers = Mapping[str, tuple[float, str]]
"""Named numbers, each with its unit; the unit ``source`` is that of the watched expression."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a detector says at the bar at which it is sure enough to speak.

    Parameters
    ----------
    prev_state, new_state
        What was, and what is; see the detector's file for the names.
    metrics
        How the detector came to its view.
    confidence
        In [0, 1], computed from the data; see the detector's file for its meaning.
    contributors
        Share of each watched field in the alarm, in the order in which they are watched.
    since_bars
        How many usable bars back the new state began; 0 is the bar of the alarm.
    """

    prev_state: Numbers
    new_state: Numbers
    metrics: Numbers
    confidence: float
    contributors: tuple[tuple[str, float], ...]
    since_bars: int = 0


class OnlineDetector(Protocol):
    """A strictly online detector: what it says of a bar depends on that bar and those before.

    Its whole state pickles, and goes on from there as if it had never stopped.
    """

    @property
    def score(self) -> float | None:
        """What the detector measured at the last bar; None while it could not."""

    def step(self, values: Sequence[float]) -> Alarm | None:
        """Take one bar's finite values, in the order of `watch`; speak, or stay silent."""
