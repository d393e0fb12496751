"""Stream frames through detectors, series by series, bar by bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from configs.errors import BadInput, did_you_mean
from tasks.detection import patterns
from tasks.detection.guard import LARGEST
from tasks.detection.registry import build_detector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from taskspecs.detectors import DetectorSpec

SCORES_SCHEMA: dict[str, pl.DataType] = {
    "ts": pl.Datetime("us", "UTC"),
    "symbol": pl.String(),
    "detector": pl.String(),
    "source": pl.String(),
    "score": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """What detectors found, and what they measured on the way.

    Parameters
    ----------
    patterns
        One row for each pattern, sorted by (ts, symbol, detector, source, pattern_id), the market
        (symbol null) first; columns as in `patterns.SCHEMA`.
    scores
        `ts, symbol, detector, source, score`: what each detector measured at each bar at which it
        could; its unit is stated in the detector's file (`adwin`: mean of the window in the unit of
        the source; `half_space_trees`: strangeness in [0, 1]). Same order, null-free but for the
        market's symbol.
    """

    patterns: pl.DataFrame
    scores: pl.DataFrame


def watched(detectors: Sequence[DetectorSpec]) -> dict[str, dict[str, str]]:
    """Return the expressions to compute for each scope, by the column name they must have.

    Examples
    --------
    >>> from taskspecs.detectors import Adwin
    >>> watched([Adwin(detector="adwin", watch="$breadth", scope="market")])
    {'symbol': {}, 'market': {'$breadth': '$breadth'}}
    """
    wanted: dict[str, dict[str, str]] = {"symbol": {}, "market": {}}
    for spec in detectors:
        wanted[spec.scope].update({text: text for text in spec.watched})
    return wanted


def detect(
    symbols: pl.DataFrame, market: pl.DataFrame, detectors: Sequence[DetectorSpec]
) -> DetectionResult:
    """Run every detector over every series of its scope.

    Parameters
    ----------
    symbols
        `symbol, ts (UTC)` and one column of numbers for each expression that a detector of scope
        `symbol` watches, named by the expression's text; in any order of rows and columns.
        Missing, NaN and infinite values are skipped by the rule of `guard.Guarded`.
    market
        The same of scope `market`; taken as one series, a column `symbol` is not looked at.
    detectors
        Of one spec; a detector that is named twice, with equal settings, runs once.

    Returns
    -------
    DetectionResult

    Raises
    ------
    BadInput
        If a watched column is not there, or a series has two rows at one time.

    Notes
    -----
    Look-ahead: a pattern and a score at `ts` depend on rows of their own series up to `ts`.
    """
    found: list[dict[str, Any]] = []
    scored = [pl.DataFrame(schema=SCORES_SCHEMA)]
    by_scope = {"symbol": symbols, "market": market.with_columns(pl.lit(None).alias("symbol"))}
    for scope, frame in by_scope.items():
        specs = [spec for spec in dict.fromkeys(detectors) if spec.scope == scope]
        for symbol, series in _split(frame, specs, scope):
            for spec in specs:
                rows, scores = _run(spec, series, symbol)
                found += rows
                scored.append(scores)
    return DetectionResult(
        pl.DataFrame(found, schema=patterns.SCHEMA).sort(
            "ts", "symbol", "detector", "source", "pattern_id"
        ),
        pl.concat(scored).sort("ts", "symbol", "detector", "source", maintain_order=True),
    )


def _split(
    frame: pl.DataFrame, specs: Sequence[DetectorSpec], scope: str
) -> Iterator[tuple[str | None, pl.DataFrame]]:
    """Check a frame and yield its series, each in the order of time."""
    names = list(dict.fromkeys(text for spec in specs for text in spec.watched))
    if not names or frame.is_empty():
        return
    for name in names:
        if name not in frame.columns:
            raise BadInput(
                f"a detector of scope {scope} watches {name!r}, which was not computed",
                hint=did_you_mean(name, set(frame.columns) - {"symbol", "ts"}),
            )
    ordered = frame.select("symbol", "ts", *(pl.col(name).cast(pl.Float64) for name in names)).sort(
        "symbol", "ts"
    )
    _refuse_duplicates(ordered, scope)
    for (symbol,), series in ordered.partition_by(
        "symbol", as_dict=True, maintain_order=True
    ).items():
        yield symbol, series


def _refuse_duplicates(ordered: pl.DataFrame, scope: str) -> None:
    twice = ordered.filter(ordered.select("symbol", "ts").is_duplicated())
    if len(twice):
        symbol, ts = twice.row(0)[:2]
        what = symbol if scope == "symbol" else "the market"
        raise BadInput(
            f"{what} has more than one row at {ts.isoformat()}; a detector cannot order them",
            hint=f"{len(twice)} such rows in all; keep one row for each time",
        )


def _run(
    spec: DetectorSpec, series: pl.DataFrame, symbol: str | None
) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    """Stream one series through one new detector."""
    detector = build_detector(spec)
    values = series.select(spec.watched).fill_null(np.nan).to_numpy()
    usable = np.flatnonzero((np.abs(values) <= LARGEST).all(axis=1))
    scores = np.full(len(series), np.nan)
    times = series["ts"]
    rows = []
    for position, (index, bar) in enumerate(zip(usable, values[usable].tolist(), strict=True)):
        alarm = detector.step(bar)
        if detector.score is not None:
            scores[index] = detector.score
        if alarm is not None:
            began = usable[position - alarm.since_bars]
            rows.append(
                patterns.pattern_row(
                    spec, alarm, symbol=symbol, ts=times[int(index)], since=times[int(began)]
                )
            )
    return rows, _scores(spec, symbol, times, scores)


def _scores(
    spec: DetectorSpec, symbol: str | None, times: pl.Series, scores: np.ndarray[Any, Any]
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "ts": times,
            "symbol": pl.Series([symbol], dtype=pl.String).new_from_index(0, len(times)),
            "detector": pl.Series([spec.detector]).new_from_index(0, len(times)),
            "source": pl.Series([patterns.source_of(spec)]).new_from_index(0, len(times)),
            "score": scores,
        },
        schema=SCORES_SCHEMA,
    ).filter(pl.col("score").is_finite())
