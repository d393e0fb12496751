"""Likeness: whether two sets of bars hold the same market, whatever their files are called. Pure.

A file copied, renamed, written in another format, scaled, cut to a shorter period or to fewer
symbols, or given other names for its symbols is recognised; so are daily bars made of minutes. One
whose returns were changed in the fourth decimal place is not.
"""

from __future__ import annotations

import hashlib
import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEPT = 256
"""Hashes that are kept of each set; the lowest ones, so that any two sets keep the same ones."""
HEX = 12
SHARED = 2
"""Hashes in common that make two sets alike: chance gives one in billions of pairs."""
FEWEST_MOVES = 5
"""Stretches in which the price moved less often are the same in many markets."""
ROUNDING = 10_000
"""Returns are compared in steps of one over this."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """A few hundred numbers that stand for all stretches of a set of bars.

    Attributes
    ----------
    hashes
        The lowest hashes of its stretches, in order: one for each symbol and month, or year where
        bars are few.
    first, last
        First and last day, ISO.
    """

    hashes: tuple[str, ...]
    first: str
    last: str

    @property
    def name(self) -> str:
        """Its own digest: equal bars, equal name."""
        text = "".join(self.hashes) + self.first + self.last
        return hashlib.sha256(text.encode()).hexdigest()[:HEX]

    def to_body(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {
            "print": self.name, "hashes": "".join(self.hashes),
            "first": self.first, "last": self.last,
        }  # fmt: skip


def read_sketch(body: Mapping[str, str]) -> Sketch:
    """Read what :meth:`Sketch.to_body` wrote."""
    text = body["hashes"]
    hashes = tuple(text[place : place + HEX] for place in range(0, len(text), HEX))
    return Sketch(hashes, body["first"], body["last"])


def sketch(bars: pl.DataFrame) -> Sketch:
    """Take the sketch of bars.

    Parameters
    ----------
    bars
        ``symbol``, ``ts`` (UTC, end of bar), ``close``.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> days = pl.datetime_range(datetime(2020, 1, 1, 21), datetime(2020, 3, 31, 21), "1d",
    ...                          time_zone="UTC", eager=True)
    >>> bars = pl.DataFrame({"symbol": "A", "ts": days, "close": [100.0 + (n * n) % 17 for n
    ...                      in range(len(days))]})
    >>> other = bars.with_columns(symbol=pl.lit("B"), close=pl.col("close") * 3)
    >>> len(sketch(bars).hashes), alike(sketch(bars), sketch(other.tail(70)))
    (3, True)
    """
    # A bar that ends at midnight belongs to the day before.
    day = (pl.col("ts") - pl.duration(microseconds=1)).dt.date()
    closes = (
        bars.lazy()
        .filter(pl.col("close") > 0)
        .select("symbol", "ts", "close", day=day)
        .sort("symbol", "ts")
        .group_by("symbol", "day", maintain_order=True)
        .agg(pl.col("close").last())
        .collect()
    )
    if closes.is_empty():
        return Sketch((), "", "")
    first, last = closes.select(a=pl.col("day").min(), b=pl.col("day").max()).row(0)
    lowest = tuple(heapq.nsmallest(KEPT, set(_hashes(closes))))
    return Sketch(lowest, first.isoformat(), last.isoformat())


def alike(one: Sketch, other: Sketch) -> bool:
    """Whether two sets of bars have stretches in common.

    Found for certain where they share a twentieth of the smaller, and neither is more than a
    hundred times the other.
    """
    among = heapq.nsmallest(KEPT, set(one.hashes) | set(other.hashes))
    shared = set(one.hashes) & set(other.hashes) & set(among)
    smaller = min(len(one.hashes), len(other.hashes))
    return 0 < min(SHARED, smaller) <= len(shared)


def _hashes(closes: pl.DataFrame) -> Iterator[str]:
    """Hash the returns of each stretch; the symbol's name is no part of it."""
    steps = (pl.col("close") / pl.col("close").shift(1).over("symbol") - 1) * ROUNDING
    moves = closes.with_columns(move=steps.round()).filter(pl.col("move").is_finite())
    stretch = "1mo" if _bars_a_month(closes) >= 2 * FEWEST_MOVES else "1y"
    stretches = (
        moves.with_columns(stretch=pl.col("day").dt.truncate(stretch))
        .group_by("symbol", "stretch", maintain_order=True)
        .agg(pl.col("move").cast(pl.Int64))
        .filter(pl.col("move").list.eval(pl.element() != 0).list.sum() >= FEWEST_MOVES)
        .select(pl.col("stretch").cast(pl.String), pl.col("move").cast(pl.List(pl.String)))
        .select(text=pl.col("stretch") + ":" + pl.col("move").list.join(","))
    )
    for text in stretches["text"]:
        yield hashlib.sha256(text.encode()).hexdigest()[:HEX]


def _bars_a_month(closes: pl.DataFrame) -> float:
    """Return how many days with a price a symbol has in a month in which it has any."""
    months = closes.group_by("symbol", pl.col("day").dt.truncate("1mo")).len()
    return float(months["len"].median() or 0)  # type: ignore[arg-type]
