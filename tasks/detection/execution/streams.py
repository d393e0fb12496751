"""Stream frames through detectors, series by series, bar by bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tasks.detection import patterns
from tasks.detection.execution.parallel import map_series
from tasks.detection.execution.work import Watching, watch_all
from tasks.detection.guard import usable_rows
from tasks.detection.series.cross_section import series_of
from tasks.detection.series.scores import Scored, scores_frame
from tasks.detection.series.series import field_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from tasks.detection.execution.checkpoints import Checkpoints
    from tasks.detection.execution.work import Seen
    from tasks.detection.series.series import Series
    from taskspecs.detectors import DetectorSpec

_SECOND_US = 1_000_000
"""Microseconds in a second."""


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
    bars, new_bars
        Of all series under all detectors; and how many of them were streamed, not those that
        checkpoints had seen.
    """

    patterns: pl.DataFrame
    scores: pl.DataFrame
    bars: int
    new_bars: int


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
    times: list[NDArray[np.int64]] = []
    work: list[Watching] = []
    for scope, frame in by_scope.items():
        specs = [spec for spec in dict.fromkeys(detectors) if spec.scope == scope]
        for one in series_of(frame, specs, scope):
            series.append(one)
            times.append(_microseconds(one[1]["ts"]))
            work.append(_watching(one, times[-1], specs, checkpoints))
    found: list[dict[str, Any]] = []
    scored: list[Scored] = []
    begun = 0
    cost_s = sum(one.cost_s for one in work)
    for done, results in map_series(watch_all, work, jobs=jobs, cost_s=cost_s):
        for place, seen in zip(range(begun, done), results, strict=True):
            one, watching = series[place], work[place]
            for spec, values, what in zip(watching.specs, watching.values, seen, strict=True):
                found += _rows(spec, one, values, what)
                source = patterns.source_of(spec)
                scored.append(Scored(one[0], spec.detector, source, times[place], what.scores))
                if checkpoints is not None and what.end is not None:
                    checkpoints.keep(spec, *one, what.end)
        begun = done
        if progress is not None:
            progress(done / len(work))
    return DetectionResult(
        pl.DataFrame(found, schema=patterns.SCHEMA).sort(
            "ts", "symbol", "detector", "source", "pattern_id"
        ),
        scores_frame(scored),
        bars=sum(one.bars for one in work),
        new_bars=sum(one.new_bars for one in work),
    )


def _watching(
    one: Series,
    times: NDArray[np.int64],
    specs: Sequence[DetectorSpec],
    checkpoints: Checkpoints | None,
) -> Watching:
    symbol, bars = one
    return Watching(
        specs,
        [field_values(spec.fields, bars) for spec in specs],
        times / _SECOND_US,
        None if checkpoints is None else [checkpoints.find(spec, symbol, bars) for spec in specs],
    )


def _microseconds(ts: pl.Series) -> NDArray[np.int64]:
    """Return times as whole microseconds since 1970, UTC."""
    return ts.to_numpy().astype("datetime64[us]").astype(np.int64)


def _rows(
    spec: DetectorSpec, one: Series, values: NDArray[np.float64], seen: Seen
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the patterns of one detector over one series."""
    if not seen.alarms:
        return
    symbol, bars = one
    times, usable = bars["ts"], usable_rows(values)
    for row, alarm in seen.alarms:
        began = usable[int(np.searchsorted(usable, row)) - alarm.since_bars]
        yield patterns.pattern_row(
            spec, alarm, symbol=symbol, ts=times[row], since=times[int(began)]
        )
