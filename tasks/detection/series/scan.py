"""Stream one series of any kind through one detector."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from pydantic import TypeAdapter

from configs.errors import BadInput, did_you_mean
from tasks.detection.registry import REGISTRY, build_detector
from taskspecs.detectors import DetectorSpec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

DEFAULT = "ensemble"


def scanners() -> list[str]:
    """Return the names that `scan` knows, the default first."""
    return [DEFAULT, *sorted(REGISTRY.keys() - {DEFAULT})]


def scan(
    values: pl.Series, seconds: Iterable[float | None] | None = None, *, detector: str = DEFAULT
) -> pl.DataFrame:
    """Score each value of a series as it comes.

    Parameters
    ----------
    values
        Shape (n,), numbers in any unit; null, NaN and infinite ones count as missing.
    seconds
        Their times since 1970, UTC, of the same length; the ensemble learns hours and weekdays
        from them. None where there are no times.
    detector
        `ensemble`, or one of a TaskSpec with its default settings. The score of one for anomalies
        is its own, that of one for drifts is the confidence at an alarm and 0 elsewhere.

    Returns
    -------
    pl.DataFrame
        `score: Float64` in [0, 1] and `flag: Boolean`, one row for each value, in their order.
        0 and not flagged where a value is missing or too little is known yet.

    Raises
    ------
    BadInput
        If the values are no numbers, or there is no such detector.

    Notes
    -----
    Look-ahead: none; a row depends on itself and those before it.

    Examples
    --------
    >>> found = scan(pl.Series([float(row % 5) for row in range(400)] + [50.0]))
    >>> found["flag"].arg_true().to_list()
    [400]
    """
    if not values.dtype.is_numeric():
        raise BadInput(f"the column {values.name!r} holds {values.dtype}, not numbers")
    numbers = values.cast(pl.Float64).fill_null(nan).to_numpy()[:, None]
    spec = _default_spec(detector)
    scores, alarms = build_detector(spec).run(numbers, _times(seconds))
    flags = np.zeros(len(numbers), dtype=bool)
    flags[[row for row, _ in alarms]] = True
    if REGISTRY[detector].finds == "drift":
        scores = np.zeros(len(numbers))
        for row, alarm in alarms:
            scores[row] = alarm.confidence
    return pl.DataFrame({"score": np.nan_to_num(scores).clip(0.0, 1.0), "flag": flags})


def _times(seconds: Iterable[float | None] | None) -> NDArray[np.float64] | None:
    return None if seconds is None else np.array(list(seconds), dtype=float)


def _default_spec(detector: str) -> DetectorSpec:
    if detector not in REGISTRY:
        raise BadInput(
            f"there is no detector {detector!r}", hint=did_you_mean(detector, scanners())
        )
    adapter: TypeAdapter[DetectorSpec] = TypeAdapter(DetectorSpec)
    return adapter.validate_python({"detector": detector, "watch": "$value"})
