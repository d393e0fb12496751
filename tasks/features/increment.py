"""New rows only: as much history as the analysis asks for, and the same bytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from tasks.features.compilation.demand import demand
from tasks.features.compilation.groups import encode_groups
from tasks.features.execution.batches import BATCH_ROWS, Pieces, Whole
from tasks.features.execution.leadin import read_lead_in
from tasks.features.execution.newest import run_newest
from tasks.features.execution.panel import KEYS, build_panel, to_column, to_numbers
from tasks.features.execution.results import take
from tasks.features.execution.running import run
from tasks.features.execution.threads import count_threads
from tasks.features.output import to_frame
from tasks.features.study import plan_study, prepare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from tasks.features.compilation.demand import Demand
    from tasks.features.execution.leadin import LeadIn
    from tasks.features.study import Study
    from taskspecs.expressions import Node

FEW: Final = 8
"""Up to so many new times are computed alone; more, with their lead-in, as everything is."""
SIDE_BY_SIDE: Final = 2560
"""Most symbols that one worker takes at once."""


def evaluate_increment(
    bars: pl.DataFrame | pl.LazyFrame,
    expressions: Mapping[str, str] | Sequence[str],
    *,
    after: date,
    threads: int | None = None,
) -> pl.DataFrame:
    """Compute the rows later than a time, from no more history than they need.

    Parameters
    ----------
    bars
        All bars, old and new; best a scan of files from which a span of time can be read alone.
    expressions
        As for `tasks.features.evaluate`.
    after
        Rows with a later `ts` are computed; a datetime, in UTC where it has no zone, or a date.
    threads
        As for `tasks.features.evaluate`.

    Returns
    -------
    DataFrame
        The rows later than `after` of what `evaluate` returns, byte for byte.

    Raises
    ------
    BadInput
        As `evaluate` does.

    Notes
    -----
    Look-ahead: as of `evaluate`, without labels.

    Expressions that look back on all of history (exponential means, windows of 0) are computed
    over all of it; the others over their longest lookback before the first new row.
    """
    study = prepare(bars, expressions, allow_lookahead=False)
    frame = encode_groups(bars.lazy(), study.fields)
    last = pl.Series("ts", [after]).cast(frame.collect_schema()["ts"])
    groups = _split(study)
    parts = []
    for trees, rows in groups or [({}, 0)]:
        part = study if len(groups) < 2 else plan_study(trees)
        if rows is None:
            parts.append(_compute_all_history(frame, part, last, threads or count_threads()))
            continue
        lead_in = read_lead_in(frame, part.fields, last, rows)
        if lead_in is None:
            return _nothing(frame, study)
        over = _over(frame, part, lead_in)
        parts.append(_compute(lead_in, part, threads or count_threads(), over))
    joined = pl.concat([parts[0], *(part.drop(KEYS) for part in parts[1:])], how="horizontal")
    return joined.select(*KEYS, *study.names)


def _split(study: Study) -> list[tuple[dict[str, Node], int | None]]:
    """Separate what needs all of history; say how many rows the others need."""
    rows = study.lookbacks
    bounded = {name: tree for name, tree in study.trees.items() if rows[name] is not None}
    unbounded = {name: tree for name, tree in study.trees.items() if rows[name] is None}
    longest = max((rows[name] or 0 for name in bounded), default=0)
    groups: list[tuple[dict[str, Node], int | None]] = [(bounded, longest), (unbounded, None)]
    return [(group, need) for group, need in groups if group]


def _nothing(bars: pl.LazyFrame, study: Study) -> pl.DataFrame:
    keys = bars.select(pl.col("symbol").cast(pl.String), "ts").head(0).collect()
    columns = [np.empty(0, np.float32) for _ in study.names]
    return to_frame(keys, study.names, take(columns, 0))


def _compute_all_history(
    bars: pl.LazyFrame, study: Study, last: pl.Series, threads: int
) -> pl.DataFrame:
    """Compute what remembers everything, batch by batch, and keep what is new."""
    parts = [_nothing(bars, study)]
    source = Pieces(bars.select(*KEYS, *study.fields), BATCH_ROWS)
    for panel, results in run(study.stages, source, threads):
        new = panel.keys["ts"] > last[0]
        places = new.arg_true().to_numpy()
        kept = take([column[places] for column in results.values], places.size)
        parts.append(to_frame(panel.keys.filter(new), study.names, kept))
    return pl.concat(parts)


def _over(bars: pl.LazyFrame, study: Study, lead_in: LeadIn) -> frozenset[str]:
    """Name the symbols that are read by others and had their last row before the lead-in."""
    instruments = [one for stage in study.stages for one in stage.instruments]
    read = {symbol for one in instruments for symbol in one.symbols}
    missing = read - set(lead_in.bars["symbol"].unique()) if read else read
    if not missing:
        return frozenset()
    symbol = pl.col("symbol").cast(pl.String)
    found = bars.filter(symbol.is_in(sorted(missing))).select(symbol.unique())
    return frozenset(found.collect(engine="streaming")["symbol"])


def _compute(
    lead_in: LeadIn, study: Study, threads: int, over: frozenset[str] = frozenset()
) -> pl.DataFrame:
    """Compute new rows: alone where a symbol's lead-in is whole, otherwise with the lead-in."""
    plan = study.stages[-1].plan
    needed = demand(plan, lead_in.new) if lead_in.new <= FEW and len(study.stages) == 1 else None
    if needed is None or needed.depth > lead_in.calendar.size:
        return _compute_all(lead_in, study, threads, over)
    renewed = lead_in.renewed()
    whole, young = renewed & lead_in.older, renewed & ~lead_in.older
    parts = []
    if whole.any():
        parts.append(_compute_newest(lead_in.pick(whole), study, needed, threads))
    if young.any():
        parts.append(_compute_all(lead_in.pick(young), study, threads))
    return parts[0] if len(parts) == 1 else pl.concat(parts).sort(KEYS)


def _compute_all(
    lead_in: LeadIn, study: Study, threads: int, over: frozenset[str] = frozenset()
) -> pl.DataFrame:
    panel = build_panel(
        lead_in.bars, study.fields, calendar=lead_in.calendar, begun=lead_in.begun()
    )
    [(_, results)] = run(study.stages, Whole(panel, lead_in.calendar.size, over), threads)
    new = _is_new(lead_in)
    keys = panel.keys.filter(pl.Series(new))
    return to_frame(keys, study.names, take([c[new] for c in results.values], keys.height))


def _compute_newest(lead_in: LeadIn, study: Study, needed: Demand, threads: int) -> pl.DataFrame:
    times = to_numbers(lead_in.bars["ts"])
    ages = lead_in.calendar.size - 1 - np.searchsorted(lead_in.calendar, times)
    counts = np.diff(lead_in.bounds)
    symbols = np.repeat(np.arange(counts.size), counts)
    plan = study.stages[-1].plan
    inputs = [
        _lay_out(to_column(lead_in.bars[name]), ages, symbols, needed.depth, counts.size)
        for name in plan.inputs
    ]
    columns = np.empty((len(plan.names), needed.rows, counts.size), np.float32)
    size = min(SIDE_BY_SIDE, -(-counts.size // threads))
    with ThreadPoolExecutor(threads) as pool:
        jobs = [
            pool.submit(
                run_newest,
                plan,
                needed,
                [np.ascontiguousarray(table[:, start : start + size]) for table in inputs],
                columns[:, :, start : start + size],
            )
            for start in range(0, counts.size, size)
        ]
        for job in jobs:
            job.result()
    new = _is_new(lead_in)
    keys = lead_in.bars.select(KEYS).filter(pl.Series(new))
    places = ages[new] * counts.size + symbols[new]
    return to_frame(keys, plan.names, take([c.take(places) for c in columns], places.size))


def _is_new(lead_in: LeadIn) -> NDArray[np.bool_]:
    new: NDArray[np.bool_] = to_numbers(lead_in.bars["ts"]) >= lead_in.calendar[-lead_in.new]
    return new


def _lay_out(
    values: NDArray[np.float32],
    ages: NDArray[np.int64],
    symbols: NDArray[np.int64],
    depth: int,
    count: int,
) -> NDArray[np.float32]:
    """Put a field into a table of shape (depth, symbols) by age, NaN where there is no row."""
    table = np.full((depth, count), np.nan, np.float32)
    seen = slice(None) if ages.max(initial=0) < depth else ages < depth
    table[ages[seen], symbols[seen]] = values[seen]
    return table
