"""Bars to which some were appended: what was computed of the earlier ones stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from tasks.features.execution.batches import Pieces
from tasks.features.execution.panel import KEYS, sort_bars
from tasks.features.increment import evaluate_increment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

COMPARED_ROWS: Final = 2_000_000
"""Rows that are compared at once."""
TAKEN_ROWS: Final = 400_000
"""Rows that are taken over at once: a quarter of a gigabyte for 158 features."""


def last_time(bars: pl.LazyFrame) -> date | None:
    """Return the latest time of bars.

    Parameters
    ----------
    bars
        With `ts`; in any order.

    Returns
    -------
    date or None
        A datetime where `ts` is one; None without bars.

    Notes
    -----
    Look-ahead: the whole of the bars; it says what is new, and goes into no value.
    """
    latest: date | None = bars.select(pl.col("ts").max()).collect(engine="streaming").item()
    return latest


def begin_with(bars: pl.LazyFrame, earlier: pl.LazyFrame, fields: Sequence[str]) -> bool:
    """Say whether bars are earlier bars and later rows, and nothing else.

    Parameters
    ----------
    bars
        All bars, sorted by (symbol, ts).
    earlier
        Perhaps their beginning, sorted so.
    fields
        The columns that matter besides `symbol` and `ts`.

    Returns
    -------
    bool
        False if a row was revised, removed or put in before the latest of the earlier ones, or if
        nothing is new.

    Notes
    -----
    Look-ahead: none of a value; whether earlier results may be kept is asked of all bars.
    """
    wanted = [*KEYS, *fields]
    kinds, earlier_kinds = bars.collect_schema(), earlier.collect_schema()
    if any(kinds.get(name) != earlier_kinds.get(name) for name in wanted):
        return False
    until = last_time(earlier)
    if until is None or last_time(bars) == until:
        return False
    old, now = earlier.select(wanted), bars.filter(pl.col("ts") <= until).select(wanted)
    counts = [f.select(pl.len()).collect(engine="streaming").item() for f in (old, now)]
    if counts[0] != counts[1]:
        return False
    pieces = Pieces(old, COMPARED_ROWS)
    return all(
        _read(old, pieces.inside(batch)).equals(_read(now, pieces.inside(batch)))
        for batch in pieces.batches
    )


def go_on(
    bars: pl.LazyFrame, expressions: Mapping[str, str], features: pl.LazyFrame, *, after: date
) -> Iterator[pl.DataFrame]:
    """Compute only what is later than a time, and set it among what is known.

    Parameters
    ----------
    bars
        All bars.
    expressions
        Feature name to expression.
    features
        What `evaluate` gave for the bars up to `after`.
    after
        The last time that is known.

    Yields
    ------
    DataFrame
        Batches that, one after the other, are what `evaluate` returns for all bars, byte for byte.

    Notes
    -----
    Look-ahead: as of `evaluate`, without labels.
    """
    new = evaluate_increment(bars, expressions, after=after)
    pieces = Pieces(bars.select(KEYS), TAKEN_ROWS)
    before = 0
    for batch in pieces.batches:
        own = new.filter(pieces.inside(batch))
        known = batch.rows.stop - batch.rows.start - own.height
        old = features.slice(batch.rows.start - before, known).collect(engine="streaming")
        yield _append(old, own)
        before += own.height


def _read(frame: pl.LazyFrame, inside: pl.Expr) -> pl.DataFrame:
    return sort_bars(frame.filter(inside).collect(engine="streaming"))


def _append(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Put new rows behind the old ones of their symbol; both are sorted, and all new ones later."""
    symbols = old["symbol"].rle().struct.unnest()
    ends = np.concatenate([[0], np.cumsum(symbols["len"].to_numpy())]).astype(np.int64)
    places = ends[symbols["value"].search_sorted(new["symbol"], side="right").to_numpy()]
    order = np.insert(np.arange(old.height), places, old.height + np.arange(new.height))
    return pl.concat([old, new], rechunk=True)[order]
