"""Patterns as rows: what is stored, and the id that follows from it."""

from __future__ import annotations

import hashlib
import json
from math import isfinite
from typing import TYPE_CHECKING, Any

import polars as pl

from tasks.detection.registry import REGISTRY

if TYPE_CHECKING:
    from datetime import datetime

    from tasks.detection.protocol import Alarm, Numbers
    from taskspecs.detectors import DetectorSpec

SCHEMA: dict[str, pl.DataType] = {
    "pattern_id": pl.String(),
    "type": pl.String(),
    "ts": pl.Datetime("us", "UTC"),
    "symbol": pl.String(),
    "source": pl.String(),
    "detector": pl.String(),
    "prev_state": pl.String(),
    "new_state": pl.String(),
    "metrics": pl.String(),
    "confidence": pl.Float64(),
    "contributors": pl.List(pl.Struct({"field": pl.String(), "score": pl.Float64()})),
}
JUDGED: dict[str, pl.DataType] = {**SCHEMA, "p_value": pl.Float64(), "card_id": pl.String()}
"""Of patterns whose confidence was learnt on null data; see `judgement.judge`."""
_OPINIONS = frozenset({"pattern_id", "confidence", "p_value", "card_id"})
"""What a run thinks of a pattern; the same pattern in a longer run may be thought of otherwise."""
_DIGITS = 12


def source_of(spec: DetectorSpec) -> str:
    """Return what a detector watches as one text."""
    return "; ".join(spec.watched)


def pattern_row(
    spec: DetectorSpec, alarm: Alarm, *, symbol: str | None, ts: datetime, since: datetime
) -> dict[str, Any]:
    """Return one row of the patterns frame.

    The states are JSON objects of name to ``{"value": number or null, "unit": text}``; the unit
    ``source`` is that of the watched expression. `metrics` further holds `since`, the UTC time of
    the first bar of the new state, `settings`, the detector's part of the spec, and
    `own_confidence`, what the detector itself says. Numbers carry 12 significant digits.
    `pattern_id` is the first 16 hex digits of the sha256 of the canonical JSON of all else but
    `confidence`, so it can be checked from the row alone; what was found keeps its id when more
    data change how sure one is of it.

    Parameters
    ----------
    symbol
        None for the whole market.
    ts, since
        UTC; the bar of the alarm, and the first bar of the new state.
    """
    metrics: dict[str, Any] = _numbers(alarm.metrics)
    metrics["since"] = {"value": since.isoformat(), "unit": "utc"}
    metrics["own_confidence"] = {"value": _rounded(alarm.confidence), "unit": "probability"}
    metrics["settings"] = spec.model_dump(mode="json")
    row: dict[str, Any] = {
        "type": REGISTRY[spec.detector].finds,
        "ts": ts,
        "symbol": symbol,
        "source": source_of(spec),
        "detector": spec.detector,
        "prev_state": _canonical(_numbers(alarm.prev_state)),
        "new_state": _canonical(_numbers(alarm.new_state)),
        "metrics": _canonical(metrics),
        "confidence": _rounded(alarm.confidence),
        "contributors": [
            {"field": field, "score": _rounded(score)} for field, score in alarm.contributors
        ],
    }
    return {"pattern_id": pattern_id(row), **row}


def pattern_id(row: dict[str, Any]) -> str:
    """Return the id that a row's content gives it; an id in the row, and opinions, do not count."""
    content = {key: value for key, value in row.items() if key not in _OPINIONS}
    content["ts"] = content["ts"].isoformat()
    return hashlib.sha256(_canonical(content).encode()).hexdigest()[:16]


def _numbers(numbers: Numbers) -> dict[str, Any]:
    return {
        name: {"value": _rounded(value), "unit": unit} for name, (value, unit) in numbers.items()
    }


def _rounded(value: float) -> float | int | None:
    if isinstance(value, int):
        return value
    return float(f"{value:.{_DIGITS}g}") if isfinite(value) else None


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
