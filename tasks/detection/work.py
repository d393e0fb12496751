"""The unit of work of a process: one series, and the detectors that watch it.

Arrays go in and come out, so a process needs neither Polars nor what reads and writes frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tasks.detection.registry import build_detector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

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
    starts: Sequence[bytes | None] | None = None


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
    start: bytes | None,
    *,
    keep: bool,
) -> Seen:
    """Stream one series through one detector, new or where it stopped."""
    if not keep:
        return Seen(*build_detector(spec).run(values, seconds), None)
    from tasks.detection.checkpoints import Streamed

    past = Streamed.thaw(start) if start else Streamed(build_detector(spec), np.empty(0), [])
    seen = len(past.scores)
    scores, alarms = past.detector.run(values[seen:], seconds[seen:])
    come = Streamed(
        past.detector,
        np.concatenate([past.scores, scores]),
        [*past.alarms, *((seen + row, alarm) for row, alarm in alarms)],
    )
    return Seen(come.scores, come.alarms, come.freeze())
