"""The bars that new rows need: their own, and those of the times before that they look back on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from tasks.features.execution.panel import KEYS, sort_bars, to_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, timedelta

    from numpy.typing import NDArray

WIDER: Final = 4
"""A stretch of time that holds too few times is made so many times longer."""
PROBES: Final = 6
"""After so many stretches all of history is searched."""


@dataclass(frozen=True, slots=True)
class LeadIn:
    """New rows with what they look back on.

    Attributes
    ----------
    bars
        Rows of the calendar's times, sorted by (symbol, ts).
    bounds
        Where each symbol's rows begin, of shape (symbols + 1,).
    calendar
        All times at which any symbol has a row, physical and rising.
    new
        How many of them are new.
    older
        Of shape (symbols,): whether a symbol's history began by the calendar's first time.
    """

    bars: pl.DataFrame
    bounds: NDArray[np.int64]
    calendar: NDArray[np.int64]
    new: int
    older: NDArray[np.bool_]

    def pick(self, symbols: NDArray[np.bool_]) -> LeadIn:
        """Keep some symbols; the calendar stays."""
        counts = np.diff(self.bounds)
        bars = self.bars.filter(pl.Series(np.repeat(symbols, counts)))
        bounds = np.concatenate([[0], np.cumsum(counts[symbols])]).astype(np.int64)
        return LeadIn(bars, bounds, self.calendar, self.new, self.older[symbols])

    def begun(self) -> NDArray[np.int64]:
        """When each symbol's history began, as far as this calendar can tell."""
        first = to_numbers(self.bars["ts"])[self.bounds[:-1]]
        return np.where(self.older, self.calendar[0], first)

    def renewed(self) -> NDArray[np.bool_]:
        """Which symbols have a new row."""
        last = to_numbers(self.bars["ts"])[self.bounds[1:] - 1]
        return np.asarray(last >= self.calendar[-self.new])


def read_lead_in(
    bars: pl.LazyFrame, names: Sequence[str], last: pl.Series, rows: int
) -> LeadIn | None:
    """Read what is later than a time, and the times before it.

    History is read as far back as needed and no further, where a file's statistics allow.

    Parameters
    ----------
    bars
        All bars.
    names
        Fields to read.
    last
        One value of the type of `ts`: what is later is new.
    rows
        Times to look back on.

    Returns
    -------
    LeadIn or None
        None where nothing is new.

    Notes
    -----
    Look-ahead: rows after `last` and, before it, as many times as are asked for.
    """
    ts = pl.col("ts")
    new = _times(bars.filter(ts > last[0]))
    if new.is_empty():
        return None
    old = _times_before(bars, last, new[0] - last[0], rows)
    calendar = pl.concat([old, new])
    seen = bars.filter(ts >= calendar[0])
    frame = sort_bars(seen.select(*KEYS, *names).collect(engine="streaming"))
    symbols = frame["symbol"].rle().struct.unnest()
    bounds = np.concatenate([[0], np.cumsum(symbols["len"].to_numpy())]).astype(np.int64)
    older = to_numbers(frame["ts"])[bounds[:-1]] == to_numbers(calendar)[0]
    if not older.all():
        late = symbols["value"].filter(pl.Series(~older))
        earlier = _begun_before(bars, late, calendar)
        older |= symbols["value"].is_in(earlier.implode()).to_numpy()
    return LeadIn(frame, bounds, to_numbers(calendar), new.len(), older)


def _times_before(bars: pl.LazyFrame, last: pl.Series, gap: timedelta, rows: int) -> pl.Series:
    """Find the newest times up to `last`, so many of them; look further back until there are."""
    ts = pl.col("ts")
    if rows == 0:
        return last.head(0)
    for probe in range(PROBES):
        first = _back(last[0], gap, rows * WIDER**probe)
        if first is None:
            break
        found = _times(bars.filter(ts > first, ts <= last[0]))
        if found.len() >= rows:
            return found.tail(rows)
    return _times(bars.filter(ts <= last[0])).tail(rows)


def _times(bars: pl.LazyFrame) -> pl.Series:
    return bars.select(pl.col("ts").unique()).collect(engine="streaming")["ts"].sort()


def _back(time: date, gap: timedelta, count: int) -> date | None:
    """Go back so many gaps, or None where that is before all dates."""
    try:
        return time - gap * count
    except OverflowError:
        return None


def _begun_before(bars: pl.LazyFrame, symbols: pl.Series, calendar: pl.Series) -> pl.Series:
    """Name those symbols that have a row before the calendar; most have one shortly before."""
    ts, found = pl.col("ts"), symbols.head(0)
    near = _back(calendar[0], calendar[-1] - calendar[0], 1)
    stretches = (
        [ts < calendar[0]]
        if near is None
        else [ts.is_between(near, calendar[0], "left"), ts < near]
    )
    for stretch in stretches:
        missing = symbols.filter(~symbols.is_in(found.implode()))
        if missing.is_empty():
            break
        symbol = pl.col("symbol").cast(pl.String)
        rows = bars.filter(stretch, symbol.is_in(missing.implode())).select(symbol.unique())
        found = pl.concat([found, rows.collect(engine="streaming")["symbol"]])
    return found
