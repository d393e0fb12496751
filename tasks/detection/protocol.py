"""What every detector is to the rest: it takes bars in the order of time, one or many at a go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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

    Its whole state pickles, and goes on from there as if it had never stopped. How a series is cut
    into calls changes nothing: `run` over all of it, over parts, and `step` for each bar give the
    same scores and alarms, bit for bit.
    """

    @property
    def score(self) -> float | None:
        """What the detector measured at the last bar; None while it could not."""

    def step(self, values: Sequence[float]) -> Alarm | None:
        """Take one bar's finite values, in the order of the fields; speak, or stay silent."""

    def run(
        self, values: NDArray[np.float64], seconds: NDArray[np.float64] | None = None
    ) -> tuple[NDArray[np.float64], list[tuple[int, Alarm]]]:
        """Take many bars at a go: the fast way.

        Parameters
        ----------
        values
            Shape (bars, fields), finite, in the order of time.
        seconds
            Shape (bars,): their times since 1970, UTC; None where there are none. Only detectors
            that learn hours look at them.

        Returns
        -------
        tuple
            The score at each bar, shape (bars,), NaN where there is none; and the alarms, each with
            the row of its bar, in the order of time.
        """


class BarByBar:
    """For detectors that go bar by bar, whichever way they are called; `step` is theirs."""

    @property
    def score(self) -> float | None:
        """What the detector measured at the last bar; None while it could not."""
        raise NotImplementedError

    def step(self, values: Sequence[float]) -> Alarm | None:
        """Take one bar's finite values, in the order of the fields; speak, or stay silent."""
        raise NotImplementedError

    def run(
        self, values: NDArray[np.float64], seconds: NDArray[np.float64] | None = None
    ) -> tuple[NDArray[np.float64], list[tuple[int, Alarm]]]:
        """Take many bars at a go; see `OnlineDetector.run`."""
        import numpy as np

        scores: list[float | None] = []
        alarms = []
        step, keep = self.step, scores.append
        for row, bar in enumerate(values.tolist()):
            alarm = step(bar)
            keep(self.score)
            if alarm is not None:
                alarms.append((row, alarm))
        return np.array(scores, dtype=float), alarms


class BlockByBlock:
    """For detectors whose `run` is what they do; a single bar is a block of one."""

    _score: float | None = None

    @property
    def score(self) -> float | None:
        """What the detector measured at the last bar; None while it could not."""
        return self._score

    def step(self, values: Sequence[float]) -> Alarm | None:
        """Take one bar's finite values, in the order of the fields; speak, or stay silent."""
        import numpy as np

        scores, alarms = self.run(np.array([values], dtype=float))
        self._score = float(scores[0]) if scores[0] == scores[0] else None
        return alarms[0][1] if alarms else None

    def run(
        self, values: NDArray[np.float64], seconds: NDArray[np.float64] | None = None
    ) -> tuple[NDArray[np.float64], list[tuple[int, Alarm]]]:
        """Take many bars at a go; see `OnlineDetector.run`."""
        raise NotImplementedError
