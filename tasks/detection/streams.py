"""Stream frames through detectors, series by series, bar by bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tasks.detection import patterns
from tasks.detection.cross_section import series_of
from tasks.detection.guard import usable_rows
from tasks.detection.parallel import map_series
from tasks.detection.series import field_values
from tasks.detection.work import Watching, watch_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from tasks.detection.checkpoints import Checkpoints
    from tasks.detection.series import Series
    from tasks.detection.work import Seen
    from taskspecs.detectors import DetectorSpec

MICROSECONDS = 1e6
"""In a second."""
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
        of_symbols = "market" if spec.scope == "market" else "symbol"
        wanted[of_symbols].update({text: text for text in spec.watched})
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
        `symbol` or `cross_section` watches, named by the expression's text; in any order of rows
        and columns. Missing, NaN and infinite values are skipped by the rule of `guard.Guarded`.
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
    Look-ahead: a pattern and a score at `ts` depend on rows of their own series up to `ts`; in
    scope `cross_section`, on rows of all symbols up to `ts`.
    """
    by_scope = {
        "symbol": symbols,
        "market": market.with_columns(pl.lit(None).alias("symbol")),
        "cross_section": symbols,
    }
    series: list[Series] = []
    work: list[Watching] = []
    for scope, frame in by_scope.items():
        specs = [spec for spec in dict.fromkeys(detectors) if spec.scope == scope]
        for one in series_of(frame, specs, scope):
            series.append(one)
            work.append(_watching(one, specs, checkpoints))
    found: list[dict[str, Any]] = []
    scored = [pl.DataFrame(schema=SCORES_SCHEMA)]
    begun = 0
    for done, results in map_series(watch_all, work, jobs=jobs):
        for one, watching, seen in zip(series[begun:done], work[begun:done], results, strict=True):
            for spec, values, what in zip(watching.specs, watching.values, seen, strict=True):
                found += _rows(spec, one, usable_rows(values), what)
                scored.append(_scores(spec, one, what.scores))
                if checkpoints is not None and what.end is not None:
                    checkpoints.keep(spec, *one, what.end)
        begun = done
        if progress is not None:
            progress(done / len(work))
    return DetectionResult(
        pl.DataFrame(found, schema=patterns.SCHEMA).sort(
            "ts", "symbol", "detector", "source", "pattern_id"
        ),
        pl.concat(scored).sort("ts", "symbol", "detector", "source", maintain_order=True),
    )


def _watching(
    one: Series, specs: Sequence[DetectorSpec], checkpoints: Checkpoints | None
) -> Watching:
    symbol, bars = one
    return Watching(
        specs,
        [field_values(spec.fields, bars) for spec in specs],
        bars["ts"].dt.epoch("us").to_numpy() / MICROSECONDS,
        None if checkpoints is None else [checkpoints.find(spec, symbol, bars) for spec in specs],
    )


def _rows(
    spec: DetectorSpec, one: Series, usable: NDArray[np.intp], seen: Seen
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the patterns of one detector over one series."""
    symbol, bars = one
    times = bars["ts"]
    for row, alarm in seen.alarms:
        began = usable[int(np.searchsorted(usable, row)) - alarm.since_bars]
        yield patterns.pattern_row(
            spec, alarm, symbol=symbol, ts=times[row], since=times[int(began)]
        )


def _scores(spec: DetectorSpec, one: Series, scores: NDArray[np.float64]) -> pl.DataFrame:
    symbol, bars = one
    kept = np.flatnonzero(np.isfinite(scores))
    n = len(kept)
    return pl.DataFrame(
        {
            "ts": bars["ts"].gather(kept),
            "symbol": pl.Series([symbol], dtype=pl.String).new_from_index(0, n),
            "detector": pl.Series([spec.detector]).new_from_index(0, n),
            "source": pl.Series([patterns.source_of(spec)]).new_from_index(0, n),
            "score": scores[kept],
        },
        schema=SCORES_SCHEMA,
    )
