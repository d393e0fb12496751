"""A watcher: one detector over one series, live."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from tasks.detection.guard import LARGEST
from tasks.detection.registry import REGISTRY, build_detector
from tasks.streams.watching.quiet import Quiet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.detection.protocol import Alarm
    from taskspecs.detectors import DetectorSpec

FEW: Final = 16
"""Up to so many values are taken one by one: arrays of fewer cost more than they save."""
TIMES: Final = 4_096
"""Times of usable values that are remembered, to say since when a state is."""
SECOND_US: Final = 1_000_000


class Finding(NamedTuple):
    """An alarm, and what it is worth.

    Attributes
    ----------
    row
        Of the values that were taken.
    since_us
        The time of the first value of the new state.
    severity, confidence
        See :class:`tasks.streams.watching.quiet.Quiet`.
    """

    row: int
    alarm: Alarm
    since_us: int
    severity: float
    confidence: float


class Watcher:
    """One detector over one series.

    Parameters
    ----------
    spec
        The detector's part of the document.
    """

    def __init__(self, spec: DetectorSpec) -> None:
        self.spec = spec
        self.seen = 0
        self._finds = REGISTRY[spec.detector].finds
        self._detector = build_detector(spec)
        self._quiet = Quiet(len(spec.fields))
        self._times = array("q")

    def run(
        self, rows: Sequence[tuple[float, ...]], times: Sequence[int]
    ) -> tuple[Sequence[float | None], list[Finding]]:
        """Take values in the order of time.

        Parameters
        ----------
        rows
            Each with a number for each field; NaN where it is missing.
        times
            Microseconds since 1970, UTC.

        Returns
        -------
        tuple
            The score at each, None or NaN where there is none; and what was found.
        """
        if len(rows) <= FEW and self.spec.detector != "ensemble":
            scores, alarms = self._step(rows)
        else:
            seconds = np.array(times, dtype=np.float64) / SECOND_US
            measured, alarms = self._detector.run(np.array(rows, dtype=np.float64), seconds)
            scores = measured.tolist()
        return scores, self._weigh(rows, times, alarms)

    def _step(
        self, rows: Sequence[tuple[float, ...]]
    ) -> tuple[list[float | None], list[tuple[int, Alarm]]]:
        detector, scores, alarms = self._detector, [], []
        for row, values in enumerate(rows):
            alarm = detector.step(values)
            scores.append(detector.score)
            if alarm is not None:
                alarms.append((row, alarm))
        return scores, alarms

    def _weigh(
        self,
        rows: Sequence[tuple[float, ...]],
        times: Sequence[int],
        alarms: Sequence[tuple[int, Alarm]],
    ) -> list[Finding]:
        """Learn what is quiet, and judge what is not by what was known before it."""
        found, begun = [], 0
        for row, alarm in alarms:
            self._learn(rows[begun:row], times[begun:row])
            self._times.append(times[row])
            found.append(self._judge(row, rows[row], alarm))
            begun = row + 1
        self._learn(rows[begun:], times[begun:])
        return found

    def _learn(self, rows: Sequence[tuple[float, ...]], times: Sequence[int]) -> None:
        if len(self.spec.fields) == 1:
            usable = [n for n, (value,) in enumerate(rows) if -LARGEST <= value <= LARGEST]
        else:
            usable = [
                n for n, row in enumerate(rows) if all(-LARGEST <= one <= LARGEST for one in row)
            ]
        if len(usable) < len(rows):
            rows, times = [rows[n] for n in usable], [times[n] for n in usable]
        self._quiet.learn(rows)
        if self._finds == "anomaly":
            return
        self._times.extend(times)
        if len(self._times) > 2 * TIMES:
            del self._times[:-TIMES]

    def _judge(self, row: int, values: Sequence[float], alarm: Alarm) -> Finding:
        since = self._times[-min(alarm.since_bars + 1, len(self._times))]
        quiet, own = self._quiet, alarm.confidence
        if self._finds == "anomaly":
            del self._times[:]
        if not quiet.known:
            return Finding(row, alarm, since, 0.0, own)
        if self._finds == "anomaly":
            return Finding(row, alarm, since, *quiet.judge_values(values, own))
        moved, before, after = shifts(alarm, self.spec.fields)
        if self._finds == "cluster_change":
            return Finding(row, alarm, since, quiet.judge_shift(moved, before, after, own)[0], own)
        weighed = quiet.judge_shift(moved, before, after, own)
        quiet.forget_before(alarm.since_bars)
        return Finding(row, alarm, since, *weighed)

    def freeze(self) -> dict[str, Any]:
        """Return the state: what does not grow with the stream, and no score that was."""
        del self._times[:-TIMES]
        return {
            "seen": self.seen,
            "detector": self._detector,
            "quiet": self._quiet.freeze(),
            "times": _packed(self._times),
        }

    def thaw(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.seen = state["seen"]
        self._detector = state["detector"]
        self._quiet.thaw(state["quiet"])
        first, steps = state["times"]
        times = np.concatenate([first, steps]).astype(np.int64)
        self._times = array("q", np.cumsum(times).tobytes())


def _packed(times: array[int]) -> tuple[Any, Any]:
    """Return times as the first and the steps from each to the next: as few bytes as will do."""
    every = np.array(times, dtype=np.int64)
    steps = np.diff(every)
    small = steps.size == 0 or int(steps.max()) <= np.iinfo(np.int32).max
    return every[:1], steps.astype(np.int32) if small else steps


def shifts(alarm: Alarm, fields: Sequence[str]) -> tuple[list[float], float, float]:
    """Return how far each field's mean moved, and how many values there are on either side."""
    before, after = dict(alarm.prev_state), dict(alarm.new_state)
    moved = [abs(_mean(after, field) - _mean(before, field)) for field in fields]
    sizes = [float(side.get("bars", (1.0, ""))[0]) for side in (before, after)]
    return moved, sizes[0], sizes[1]


def _mean(state: dict[str, tuple[float, str]], field: str) -> float:
    """Return a field's mean in a state: told as such, or the mean of clusters by their shares."""
    for name in (f"{field} mean", "mean"):
        if name in state:
            return state[name][0]
    clusters = int(state.get("clusters", (0, ""))[0])
    return sum(
        state[f"cluster {rank} share"][0] * state[f"cluster {rank} {field}"][0]
        for rank in range(1, clusters + 1)
    )
