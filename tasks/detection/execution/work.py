"""The unit of work of a process: one series, and the detectors that watch it.

Arrays go in and come out, so a process needs neither Polars nor what reads and writes frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tasks.detection.execution.costs import CHECKPOINT_BARS, bar_us
from tasks.detection.registry import build_detector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tasks.detection.execution.checkpoints import Start
    from tasks.detection.protocol import Alarm
    from taskspecs.detectors import DetectorSpec


class Watching(NamedTuple):
    """One series and who watches it.

    Parameters
    ----------
    values
        For each detector, shape (bars, fields), missing ones as NaN.
    seconds
        Shape (bars,), since 1970, UTC.
    starts
        For each detector the checkpoint it goes on from, if there is one; None where nothing is to
        be kept.
    """

    specs: Sequence[DetectorSpec]
    values: Sequence[NDArray[np.float64]]
    seconds: NDArray[np.float64]
    starts: Sequence[Start | None] | None = None

    @property
    def bars(self) -> int:
        """Bars of all detectors together."""
        return len(self.seconds) * len(self.specs)

    @property
    def new_bars(self) -> int:
        """Those of them that are streamed: not those that a checkpoint has seen."""
        return self.bars - sum(start.bars for start in self.starts or [] if start)

    @property
    def cost_s(self) -> float:
        """What streaming them costs, about, in seconds of CPU time."""
        starts = self.starts or [None] * len(self.specs)
        sealing = 0 if self.starts is None else CHECKPOINT_BARS
        microseconds = sum(
            bar_us(spec) * (sealing + (CHECKPOINT_BARS - start.bars if start else 0) + len(values))
            for spec, values, start in zip(self.specs, self.values, starts, strict=True)
        )
        return microseconds / 1e6


class Seen(NamedTuple):
    """What one detector measured and said of one series.

    Parameters
    ----------
    scores
        Shape (bars,), NaN where there is none.
    alarms
        Each with the row of its bar.
    end
        A checkpoint after the last bar, if one is to be kept.
    """

    scores: NDArray[np.float64]
    alarms: list[tuple[int, Alarm]]
    end: bytes | None


def watch_all(work: Sequence[Watching]) -> list[list[Seen]]:
    """Stream series through their detectors; for each series, what each of its detectors saw."""
    return [
        [
            _watch(spec, values, one.seconds, start, keep=one.starts is not None)
            for spec, values, start in zip(
                one.specs, one.values, one.starts or [None] * len(one.specs), strict=True
            )
        ]
        for one in work
    ]


def _watch(
    spec: DetectorSpec,
    values: NDArray[np.float64],
    seconds: NDArray[np.float64],
    start: Start | None,
    *,
    keep: bool,
) -> Seen:
    """Stream one series through one detector, new or where it stopped."""
    if not keep:
        return Seen(*build_detector(spec).run(values, seconds), None)
    from tasks.detection.execution.checkpoints import Streamed

    past = (
        Streamed.thaw(start.payload) if start else Streamed(build_detector(spec), np.empty(0), [])
    )
    seen = len(past.scores)
    scores, alarms = past.detector.run(values[seen:], seconds[seen:])
    come = Streamed(
        past.detector,
        np.concatenate([past.scores, scores]),
        [*past.alarms, *((seen + row, alarm) for row, alarm in alarms)],
    )
    return Seen(come.scores, come.alarms, come.freeze())
