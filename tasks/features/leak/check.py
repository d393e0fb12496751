"""Does a computation use what was not known yet? Cut the data, compute again, compare."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from tasks.features.leak.comparison import compare
from tasks.features.leak.cuts import choose_cuts, move_to_ends
from tasks.features.leak.verdict import LeakVerdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MAX_ROWS: Final = 200_000
"""Rows that a check looks at, unless told otherwise."""


def check_leaks(
    compute: Callable[[pl.DataFrame], pl.DataFrame],
    bars: pl.DataFrame,
    *,
    cuts: int = 5,
    seed: int = 0,
    max_rows: int = MAX_ROWS,
    ends: Callable[[pl.Series], pl.Series] | None = None,
) -> LeakVerdict:
    """Compute with and without the future, and compare what should not have changed.

    The data is cut at random times, one in each of `cuts` equal stretches of its later four
    fifths, every second at a time when symbols are missing, the last near the end. For each,
    everything known by then is computed again; every row that the full computation gives for
    times that were over and entirely known by then must be there, with the same values.

    Parameters
    ----------
    compute
        From bars to a frame with `ts`, perhaps `symbol`, and columns to compare.
    bars
        With `symbol`, `ts` and, if rows became known later than their time, `known_at`.
    cuts
        Number of cuts; each costs one computation at most as large as the full one.
    seed
        Chooses the times, and the symbols where there are more rows than `max_rows`.
    max_rows
        Most rows to compute with: beyond, whole symbols are left out, then the oldest rows.
    ends
        Where `compute` merges rows into later ones, from the times of rows to the times of what
        they should become part of; default their own. A time with a row that is not known yet is
        not compared, and every second cut falls on such an end: only there shows what takes a row
        too many.

    Returns
    -------
    LeakVerdict
        With the first offending column, symbol and time.

    Raises
    ------
    BadInput
        Fewer than three times, or no cut.

    Notes
    -----
    Look-ahead: it looks at the whole of the bars: it judges what computes, and goes into no value.

    A leak shows only where it changes a value at one of the cuts. Rows that appear only when the
    data is cut are not compared: a result may sample the last bar of a period that a cut shortens.
    """
    started = time.perf_counter()
    known = "known_at" if "known_at" in bars.columns else "ts"
    sample = _sample(bars, max_rows, np.random.default_rng(seed))
    times = choose_cuts(sample[known], cuts, np.random.default_rng(seed))
    if ends is not None:
        times = move_to_ends(times, sample[known], ends)
    full = compute(sample)
    leak, compared = None, 0
    for cut in times:
        visible, hidden = (sample.filter(later) for later in _split(known, cut))
        leak, count = compare(_until(full, visible, hidden, ends), compute(visible), cut)
        compared += count
        if leak:
            break
    again = compare(full, compute(sample), times[-1])[0] if leak else None
    return LeakVerdict(
        leak=again or leak,
        deterministic=again is None,
        cuts=tuple(times),
        rows=sample.height,
        compared=compared,
        seconds=time.perf_counter() - started,
    )


def _sample(bars: pl.DataFrame, max_rows: int, rng: np.random.Generator) -> pl.DataFrame:
    if bars.height <= max_rows:
        return bars
    symbols = bars["symbol"].unique().sort()
    per_symbol = max(bars.height // symbols.len(), 1)
    keep = max(min(max_rows // per_symbol, symbols.len()), min(symbols.len(), 5))
    chosen = symbols.gather(np.sort(rng.choice(symbols.len(), keep, replace=False)))
    bars = bars.filter(pl.col("symbol").is_in(chosen.implode()))
    if bars.height <= max_rows:
        return bars
    share = max_rows / bars.height
    start = bars["ts"].quantile(1 - share, interpolation="nearest")
    return bars.filter(pl.col("ts") >= start)


def _split(known: str, cut: datetime) -> tuple[pl.Expr, pl.Expr]:
    visible = (pl.col(known) <= cut).fill_null(value=False)
    return visible, ~visible


def _until(
    full: pl.DataFrame,
    visible: pl.DataFrame,
    hidden: pl.DataFrame,
    ends: Callable[[pl.Series], pl.Series] | None,
) -> pl.DataFrame:
    """Keep the rows of a result whose times are over and entirely known."""
    past = full.filter(pl.col("ts") <= visible["ts"].max())
    unknown = hidden["ts"].unique()
    if ends is not None:
        unknown = ends(unknown).drop_nulls().unique()
    return past.join(unknown.rename("ts").to_frame(), on="ts", how="anti", maintain_order="left")
