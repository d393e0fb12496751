"""Stream frames through detectors, series by series, bar by bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tasks.detection import patterns
from tasks.detection.guard import LARGEST
from tasks.detection.parallel import map_series
from tasks.detection.registry import build_detector
from tasks.detection.series import split_series

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.detection.series import Series
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
    symbols: pl.DataFrame,
    market: pl.DataFrame,
    detectors: Sequence[DetectorSpec],
    *,
    progress: Callable[[float], None] | None = None,
    jobs: int | None = None,
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
    progress
        Called as series are done with the share of the work that is done, in (0, 1].
    jobs
        Processes; see `parallel.map_series`. The result is the same for any number.

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
    by_scope = {"symbol": symbols, "market": market.with_columns(pl.lit(None).alias("symbol"))}
    work = [
        (series, specs)
        for scope, frame in by_scope.items()
        if (specs := [spec for spec in dict.fromkeys(detectors) if spec.scope == scope])
        for series in split_series(frame, list(watched(specs)[scope]), scope)
    ]
    found: list[dict[str, Any]] = []
    scored = [pl.DataFrame(schema=SCORES_SCHEMA)]
    for done, (rows, scores) in map_series(_run_all, work, jobs=jobs):
        found += rows
        scored += scores
        if progress is not None:
            progress(done / len(work))
    return DetectionResult(
        pl.DataFrame(found, schema=patterns.SCHEMA).sort(
            "ts", "symbol", "detector", "source", "pattern_id"
        ),
        pl.concat(scored).sort("ts", "symbol", "detector", "source", maintain_order=True),
    )


def _run_all(
    work: Sequence[tuple[Series, Sequence[DetectorSpec]]],
) -> tuple[list[dict[str, Any]], list[pl.DataFrame]]:
    """Stream some series through their detectors; the unit that goes to another process."""
    found: list[dict[str, Any]] = []
    scored = []
    for (symbol, series), specs in work:
        for spec in specs:
            rows, scores = _run(spec, series, symbol)
            found += rows
            scored.append(scores)
    return found, scored


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
