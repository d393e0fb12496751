"""New rows only: as much history as the analysis asks for, and the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tasks.features.batches import Whole
from tasks.features.groups import encode_groups
from tasks.features.output import to_frame
from tasks.features.panel import KEYS, build_panel, to_numbers
from tasks.features.running import run
from tasks.features.study import plan_study, prepare
from tasks.features.threads import count_threads
from taskspecs.expressions import analyse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from tasks.features.study import Study
    from taskspecs.expressions import Node


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
    Expressions that look back on all of history (exponential means, windows of 0) are computed
    over all of it; the others over their longest lookback before the first new row.
    """
    study = prepare(bars, expressions, allow_lookahead=False)
    frame = encode_groups(bars.lazy(), study.fields)
    begun, times = pl.collect_all(
        [frame.group_by("symbol").agg(pl.col("ts").min()), frame.select(pl.col("ts").unique())],
        engine="streaming",
    )
    begun = begun.with_columns(pl.col("symbol").cast(pl.String)).sort("symbol")
    calendar = times["ts"].sort()
    last = pl.Series([after]).cast(calendar.dtype)
    first_new = calendar.search_sorted(last, side="right")[0]
    parts = []
    groups = _split(study.trees)
    for trees, rows in groups:
        part = study if len(groups) == 1 else plan_study(trees)
        start = 0 if rows is None else max(first_new - rows, 0)
        parts.append(_compute(frame, part, calendar[start:], begun, threads))
    if not parts:
        parts = [_compute(frame, study, calendar[first_new:], begun, threads)]
    new = [part.filter(pl.col("ts") > last[0]) for part in parts]
    joined = pl.concat([new[0], *(part.drop(KEYS) for part in new[1:])], how="horizontal")
    return joined.select(*KEYS, *study.names)


def _split(trees: Mapping[str, Node]) -> list[tuple[dict[str, Node], int | None]]:
    """Separate what needs all of history; say how many rows the others need."""
    rows = {name: analyse(tree).lookback_rows for name, tree in trees.items()}
    bounded = {name: tree for name, tree in trees.items() if rows[name] is not None}
    unbounded = {name: tree for name, tree in trees.items() if rows[name] is None}
    longest = max((rows[name] or 0 for name in bounded), default=0)
    groups: list[tuple[dict[str, Node], int | None]] = [(bounded, longest), (unbounded, None)]
    return [(group, need) for group, need in groups if group]


def _compute(
    bars: pl.LazyFrame, study: Study, calendar: pl.Series, begun: pl.DataFrame, threads: int | None
) -> pl.DataFrame:
    if calendar.is_empty():
        calendar = pl.Series([], dtype=calendar.dtype)
        seen = bars.select(*KEYS, *study.fields).head(0).collect()
    else:
        late = bars.filter(pl.col("ts") >= calendar[0])
        seen = late.select(*KEYS, *study.fields).collect(engine="streaming")
    present = seen.select(pl.col("symbol").cast(pl.String)).unique()
    starts = begun.join(present, on="symbol", how="semi").sort("symbol")
    panel = build_panel(
        seen, study.fields, calendar=to_numbers(calendar), begun=_numbers(starts["ts"])
    )
    [(_, columns)] = run(study.stages, Whole(panel), threads or count_threads())
    return to_frame(panel.keys, study.names, columns)


def _numbers(times: pl.Series) -> NDArray[np.int64]:
    return np.ascontiguousarray(to_numbers(times))
