"""Power and delay: changes of a known size, planted in null data."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tasks.detection.registry import REGISTRY, build_detector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from taskspecs.detectors import DetectorSpec

SHIFTS = (0.5, 1.0, 2.0)
"""Sizes of a lasting change of level, in the series' standard deviations."""
SPIKES = (4.0, 8.0, 16.0)
"""Sizes of what one bar is moved by, in the same unit."""
HORIZON_BARS = 250
"""A lasting change that was not noticed after so many bars was missed."""
SPIKE_DISTANCE_BARS = 150
"""Bars between planted spikes: fewer would teach the detector that they are usual."""
_POSITIONS = (0.5, 0.7)


@dataclass(frozen=True, slots=True)
class Response:
    """What a detector made of changes of one size.

    Parameters
    ----------
    kind
        `shift` (from a bar on) or `spike` (one bar), of all watched fields.
    size
        In standard deviations of each field of the null series.
    planted, noticed
        How many there were, and how many raised an alarm: a shift within `HORIZON_BARS` bars, a
        spike at its bar.
    delay_bars
        Median bars from a change to its alarm, of those noticed; None if none was.
    """

    kind: str
    size: float
    planted: int
    noticed: int
    delay_bars: float | None

    @property
    def power(self) -> float | None:
        """Share of the changes that were noticed; None if none was planted."""
        return self.noticed / self.planted if self.planted else None


def measure_response(
    spec: DetectorSpec, nulls: Iterable[NDArray[np.float64]], injections: int
) -> list[Response]:
    """Plant changes of each size in null series, and see what the detector makes of them.

    A detector that finds anomalies is given spikes, any other shifts.

    Parameters
    ----------
    spec
        The detector and its settings.
    nulls
        Null series, shape (bars, fields); as many are used as are needed.
    injections
        Changes to plant of each size.

    Returns
    -------
    list
        One response for each size, smallest first: how many were planted and noticed, and after how
        many bars.

    Notes
    -----
    Look-ahead: the whole series; for judging alarms, not for trading.
    """
    spikes = REGISTRY[spec.detector].finds == "anomaly"
    sizes, plant = (SPIKES, _spike) if spikes else (SHIFTS, _shift)
    delays: dict[float, list[int | None]] = {size: [] for size in sizes}
    for null in nulls:
        if min(map(len, delays.values())) >= injections:
            break
        plant(spec, null, delays, injections)
    return [_response("spike" if spikes else "shift", size, delays[size]) for size in sizes]


def _shift(
    spec: DetectorSpec,
    null: NDArray[np.float64],
    delays: dict[float, list[int | None]],
    injections: int,
) -> None:
    """Let copies of the detector go on into shifted bars, from two places of the series."""
    deviations = null.std(axis=0)
    detector = build_detector(spec)
    begin = 0
    for share in _POSITIONS:
        at = int(share * len(null))
        detector.run(null[begin:at])
        begin, state = at, pickle.dumps(detector)
        for size, found in delays.items():
            if len(found) < injections:
                moved = null[at : at + HORIZON_BARS] + size * deviations
                _, alarms = pickle.loads(state).run(moved)  # noqa: S301 - made above
                found.append(alarms[0][0] if alarms else None)


def _spike(
    spec: DetectorSpec,
    null: NDArray[np.float64],
    delays: dict[float, list[int | None]],
    injections: int,
) -> None:
    """Move single bars of the second half of the series, the sizes by turns."""
    deviations = null.std(axis=0)
    wanted = [size for _ in range(injections) for size in delays]
    done = sum(map(len, delays.values()))
    places = range(len(null) // 2, len(null), SPIKE_DISTANCE_BARS)
    planted = dict(zip(places, wanted[done:], strict=False))
    moved = null.copy()
    for at, size in planted.items():
        moved[at] += size * deviations
    _, alarms = build_detector(spec).run(moved)
    noticed = {row for row, _ in alarms}
    for at, size in planted.items():
        delays[size].append(0 if at in noticed else None)


def _response(kind: str, size: float, delays: Sequence[int | None]) -> Response:
    noticed = [delay for delay in delays if delay is not None]
    median = float(np.median(noticed)) if noticed else None
    return Response(kind, size, len(delays), len(noticed), median)
