"""Stream one series of any kind through one detector."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Any

import polars as pl
from pydantic import TypeAdapter

from configs.errors import BadInput, did_you_mean
from tasks.detection.ensemble.ensemble import Ensemble
from tasks.detection.registry import REGISTRY, build_detector
from taskspecs.detectors import DetectorSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Step = Callable[[float, float | None], tuple[float, bool]]

DEFAULT = "ensemble"


def scanners() -> list[str]:
    """Return the names that `scan` knows, the default first."""
    return [DEFAULT, *sorted(REGISTRY)]


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
    step = _stepper(detector)
    numbers = values.cast(pl.Float64).fill_null(nan).to_list()
    times = [None] * len(numbers) if seconds is None else seconds
    rows = [step(value, time) for value, time in zip(numbers, times, strict=True)]
    return pl.DataFrame(rows, schema={"score": pl.Float64, "flag": pl.Boolean}, orient="row")


def _stepper(detector: str) -> Step:
    if detector == DEFAULT:
        return Ensemble().step
    if detector not in REGISTRY:
        raise BadInput(
            f"there is no detector {detector!r}", hint=did_you_mean(detector, scanners())
        )
    return _from_registry(detector)


def _from_registry(detector: str) -> Step:
    adapter: TypeAdapter[Any] = TypeAdapter(DetectorSpec)
    try:
        spec = adapter.validate_python({"detector": detector, "watch": "$value"})
    except ValueError:
        spec = adapter.validate_python({"detector": detector, "watch": ["$value"]})
    guarded = build_detector(spec)
    scores_rows = REGISTRY[detector].finds == "anomaly"

    def step(value: float, _: float | None) -> tuple[float, bool]:
        alarm = guarded.step((value,))
        told = guarded.score if scores_rows else alarm and alarm.confidence
        return min(1.0, max(0.0, told or 0.0)), alarm is not None

    return step
