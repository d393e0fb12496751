"""Stream frames through detectors, series by series, bar by bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tasks.detection import patterns
from tasks.detection.checkpoints import Streamed, watched_values
from tasks.detection.guard import LARGEST
from tasks.detection.parallel import map_series
from tasks.detection.registry import build_detector
from tasks.detection.series import split_series

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.detection.checkpoints import Checkpoints
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
    checkpoints: Checkpoints | None = None,
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
    checkpoints
        Where to go on from, and to keep how far one came; the result is the same without.

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
        _Work(series, specs, _starts(series, specs, checkpoints))
        for scope, frame in by_scope.items()
        if (specs := [spec for spec in dict.fromkeys(detectors) if spec.scope == scope])
        for series in split_series(frame, list(watched(specs)[scope]), scope)
    ]
    found: list[dict[str, Any]] = []
    scored = [pl.DataFrame(schema=SCORES_SCHEMA)]
    begun = 0
    for done, (rows, scores, ends) in map_series(_run_all, work, jobs=jobs):
        found += rows
        scored += scores
        if checkpoints is not None:
            _keep(checkpoints, work[begun:done], ends)
        begun = done
        if progress is not None:
            progress(done / len(work))
    return DetectionResult(
        pl.DataFrame(found, schema=patterns.SCHEMA).sort(
            "ts", "symbol", "detector", "source", "pattern_id"
        ),
        pl.concat(scored).sort("ts", "symbol", "detector", "source", maintain_order=True),
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """A series, its detectors, and where each of them goes on from."""

    series: Series
    specs: Sequence[DetectorSpec]
    starts: Sequence[bytes | None] | None
    """None where nothing is to be kept."""


def _starts(
    series: Series, specs: Sequence[DetectorSpec], checkpoints: Checkpoints | None
) -> list[bytes | None] | None:
    if checkpoints is None:
        return None
    symbol, bars = series
    return [checkpoints.find(spec, symbol, bars) for spec in specs]


def _keep(checkpoints: Checkpoints, work: Sequence[_Work], ends: Sequence[bytes]) -> None:
    pairs = [(piece.series, spec) for piece in work for spec in piece.specs]
    for ((symbol, bars), spec), end in zip(pairs, ends, strict=True):
        checkpoints.keep(spec, symbol, bars, end)


def _run_all(
    work: Sequence[_Work],
) -> tuple[list[dict[str, Any]], list[pl.DataFrame], list[bytes]]:
    """Stream some series through their detectors; the unit that goes to another process."""
    found: list[dict[str, Any]] = []
    scored: list[pl.DataFrame] = []
    ends: list[bytes] = []
    for piece in work:
        symbol, series = piece.series
        for spec, start in zip(piece.specs, piece.starts or [None] * len(piece.specs), strict=True):
            streamed = _run(spec, series, symbol, start)
            found += streamed.rows
            scored.append(_scores(spec, symbol, series["ts"], streamed.scores))
            if piece.starts is not None:
                ends.append(streamed.freeze())
    return found, scored, ends


def _run(
    spec: DetectorSpec, series: pl.DataFrame, symbol: str | None, start: bytes | None
) -> Streamed:
    """Stream one series through one detector, new or where it stopped."""
    past = Streamed.thaw(start) if start else Streamed(build_detector(spec), np.empty(0), [])
    detector, rows, seen = past.detector, past.rows, len(past.scores)
    values = watched_values(spec.watched, series)
    usable = np.flatnonzero((np.abs(values) <= LARGEST).all(axis=1))
    first = int(np.searchsorted(usable, seen))
    scores = np.concatenate([past.scores, np.full(len(series) - seen, np.nan)])
    times = series["ts"]
    ahead = usable[first:]
    for position, (index, bar) in enumerate(
        zip(ahead, values[ahead].tolist(), strict=True), start=first
    ):
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
    return Streamed(detector, scores, rows)


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
