"""Does a computation use what was not known yet? Cut the data, compute again, compare."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MAX_ROWS: Final = 200_000
"""Rows that a check looks at, unless told otherwise."""
RELATIVE: Final = 1e-5
ABSOLUTE: Final = 1e-9
"""Differences up to this are rounding."""

_ROW: Final = "__row"
_KNOWN: Final = "__known"


@dataclass(frozen=True, slots=True)
class Leak:
    """The first value that changed when the future was taken away."""

    column: str
    symbol: str | None
    ts: datetime
    known: datetime
    """The time up to which the data was cut."""
    with_future: float | str | None
    without_future: float | str | None

    def __str__(self) -> str:
        """Say what changed."""
        who = f" of {self.symbol}" if self.symbol else ""
        return (
            f"{self.column}{who} at {self.ts} was {self.without_future} with what was known at"
            f" {self.known}, and {self.with_future} with later rows"
        )


@dataclass(frozen=True, slots=True)
class LeakVerdict:
    """What a leak check found.

    Attributes
    ----------
    leak
        The first change, or None.
    deterministic
        False when the same data gave two results, so that nothing can be concluded.
    cuts
        Times at which the data was cut.
    rows
        Rows that took part.
    compared
        Values that were compared.
    seconds
        What the check cost.
    """

    leak: Leak | None
    deterministic: bool
    cuts: tuple[datetime, ...]
    rows: int
    compared: int
    seconds: float

    @property
    def clean(self) -> bool:
        """Whether nothing speaks against the computation."""
        return self.leak is None and self.deterministic

    @property
    def finding(self) -> str:
        """What was found, in one line; the same on every machine."""
        if not self.deterministic:
            return f"not deterministic: two computations of the same rows differ: {self.leak}"
        if self.leak:
            return f"looks ahead: {self.leak}"
        return (
            f"no look-ahead in {self.compared:,} values at {len(self.cuts)} cuts"
            f" ({self.rows:,} rows)"
        )

    def __str__(self) -> str:
        """Give the finding and what it cost."""
        return f"{self.finding}, {self.seconds:.1f} s"


def check_leaks(
    compute: Callable[[pl.DataFrame], pl.DataFrame],
    bars: pl.DataFrame,
    *,
    cuts: int = 5,
    seed: int = 0,
    max_rows: int = MAX_ROWS,
) -> LeakVerdict:
    """Compute with and without the future, and compare what should not have changed.

    The data is cut at random times, one in each of `cuts` equal stretches of its later four
    fifths, the last of them near the end. For each, everything known by then is computed again;
    every row that the full computation gives up to then must be there, with the same values.

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
    A leak shows only where it changes a value at one of the cuts. Rows that appear only when the
    data is cut are not compared: a result may sample the last bar of a period that a cut shortens.
    """
    started = time.perf_counter()
    known = "known_at" if "known_at" in bars.columns else "ts"
    sample = _sample(bars, max_rows, np.random.default_rng(seed))
    times = _cut_times(sample[known], cuts, np.random.default_rng(seed))
    full = compute(sample)
    leak, compared = None, 0
    for cut in times:
        visible = sample.filter(pl.col(known) <= cut)
        part = compute(visible)
        leak, count = _compare(_until(full, visible), part, cut)
        compared += count
        if leak:
            break
    again = _compare(full, compute(sample), times[-1])[0] if leak else None
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


def _cut_times(known: pl.Series, cuts: int, rng: np.random.Generator) -> list[datetime]:
    times = known.drop_nulls().unique().sort()
    if times.len() < 3 or cuts < 1:
        raise BadInput(f"a leak check needs three times and one cut, not {times.len()} and {cuts}")
    last = times.len() - 2
    edges = np.linspace(min(times.len() // 5, last), last + 1, cuts + 1).astype(int)
    places = [int(rng.integers(a, max(b, a + 1))) for a, b in pairwise(edges)]
    places[-1] = max(places[-1], last - int(rng.integers(0, 3)))
    return [times[min(place, last)] for place in sorted(set(places))]


def _until(full: pl.DataFrame, visible: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows of a result that visible bars must account for."""
    if "symbol" not in full.columns:
        return full.filter(pl.col("ts") <= visible["ts"].max())
    last = visible.group_by("symbol").agg(pl.col("ts").max().alias(_KNOWN))
    return full.join(last, on="symbol", how="inner").filter(pl.col("ts") <= pl.col(_KNOWN)).drop(
        _KNOWN
    )  # fmt: skip


def _compare(full: pl.DataFrame, part: pl.DataFrame, cut: datetime) -> tuple[Leak | None, int]:
    keys = [key for key in ("symbol", "ts") if key in full.columns]
    values = [name for name in full.columns if name not in keys]
    missing = [name for name in full.columns if name not in part.columns]
    if missing and full.height:
        row = full.sort("ts", *keys).row(0, named=True)
        return Leak(missing[0], row.get("symbol"), row["ts"], cut, "there", "missing"), 0
    both = full.join(
        part.with_columns(pl.lit(value=True).alias(_ROW)), on=keys, how="left",
        suffix=_KNOWN, maintain_order="left",
    )  # fmt: skip
    changed = [(pl.col(_ROW).is_null() | _differs(full, name)).alias(name) for name in values]
    flags = both.select(*keys, *changed) if changed else both.select(*keys)
    compared = both.height * len(values)
    if not values or not any(flags[name].any() for name in values):
        return None, compared
    return _first(both, flags, values, cut), compared


def _differs(full: pl.DataFrame, name: str) -> pl.Expr:
    a, b = pl.col(name), pl.col(f"{name}{_KNOWN}")
    dtype = full.schema[name]
    if not dtype.is_numeric():
        return a.ne_missing(b)
    a, b = a.cast(pl.Float64).fill_nan(None), b.cast(pl.Float64).fill_nan(None)
    near = (a - b).abs() <= ABSOLUTE + RELATIVE * pl.max_horizontal(a.abs(), b.abs())
    return ~(a.eq_missing(b) | (near & a.is_finite() & b.is_finite()).fill_null(value=False))


def _first(both: pl.DataFrame, flags: pl.DataFrame, values: list[str], cut: datetime) -> Leak:
    keys = [key for key in ("ts", "symbol") if key in flags.columns]
    row = flags.with_row_index(_ROW).filter(pl.any_horizontal(values)).sort(keys).row(0, named=True)
    column = next(name for name in values if row[name])
    there = both.row(row[_ROW], named=True)
    absent = there[_ROW] is None
    without = "missing" if absent else _plain(there[f"{column}{_KNOWN}"])
    return Leak(column, row.get("symbol"), row["ts"], cut, _plain(there[column]), without)


def _plain(value: object) -> float | str | None:
    return value if value is None or isinstance(value, int | float) else str(value)
