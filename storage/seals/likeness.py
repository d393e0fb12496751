"""Likeness: whether two sets of bars hold the same market, whatever their files are called. Pure.

A market is known again by three marks, any of which suffices: the same returns, rounded, in the
same months; the same runs of rises and falls, at whatever dates; the same rises and falls by week
or month, nearly always (`storage.seals.traces`). So one is recognised that was copied, renamed,
written in another format, cut to a shorter period or to fewer symbols, given other names for its
symbols, or mixed with other symbols; scaled, squared, inverted, rounded to cents, or its logarithm;
with noise of 3e-5 and up to 5e-3 on its prices; shifted by any number of days; as daily bars made
of minutes, as weekly or monthly bars, as those of Fridays, or with every tenth bar left out; by its
open, high, low or middle.

Measured on real bars by `scripts/bench/likeness.py`: three sets each of 1, 3 and 20 symbols, of
505 American shares of five years and of 800 Chinese ones of thirteen. Of 55 changes, 44 leave
every set known: those above. Weaker are noise of 1e-2 and whole units of currency (single shares
are lost), one American share by its open or by every second bar (2 of 3 are known), one or three
among 200 symbols of chance, and the bars of Wednesdays (all Chinese sets of 3 and 20, a third of
the others).

Sets without a symbol in common were taken for one in 2 of 570 pairs, both of 20 American shares;
in one of the two, each set held shares of another class of the same firm, which are one series:
two sets that hold one series between them are one market, as wanted.

What is not recognised, and so not promised: daily data of less than three months, or coarser data
of less than 48 steps; a market that is played backwards in time; noise of 3e-2; a market of which
every symbol was mixed into others (means, spreads, baskets) or changed more than above; several
changes at once that leave neither runs nor steps, as every second bar shifted by three days;
Mondays' bars; renamed symbols of a large universe, changed in their returns too, of which none is
among the 32 that are kept of each set.

Cost: linear in the bars, six seconds of CPU time for 2.6 million daily ones. A comparison of two
sketches takes up to a tenth of a second, and a new source is compared with three of each market.
"""

from __future__ import annotations

import hashlib
import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from storage.seals.traces import RUN_HEX, Track, same_series, track

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
    track
        Its runs and traces; nothing in a sketch that an older edition took.
    """

    hashes: tuple[str, ...]
    first: str
    last: str
    track: Track = field(default_factory=Track)

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
            "runs": "".join(self.track.runs), "traces": " ".join(self.track.traces),
        }  # fmt: skip


def read_sketch(body: Mapping[str, str]) -> Sketch:
    """Read what :meth:`Sketch.to_body` wrote."""
    runs = _cut(body.get("runs", ""), RUN_HEX)
    track = Track(runs, tuple(body.get("traces", "").split()))
    return Sketch(_cut(body["hashes"], HEX), body["first"], body["last"], track)


def _cut(text: str, size: int) -> tuple[str, ...]:
    return tuple(text[place : place + size] for place in range(0, len(text), size))


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
    return Sketch(lowest, first.isoformat(), last.isoformat(), track(closes))


def alike(one: Sketch, other: Sketch) -> bool:
    """Whether two sets of bars hold the same market.

    Found for certain where they share a twentieth of the smaller, and neither is more than a
    hundred times the other.
    """
    return overlap(one, other) or same_series(one.track, other.track)


def overlap(one: Sketch, other: Sketch) -> bool:
    """Whether two sets have stretches or runs in common: quick, and part of :func:`alike`."""
    if len(set(one.track.runs) & set(other.track.runs)) >= SHARED:
        return True
    among = heapq.nsmallest(KEPT, set(one.hashes) | set(other.hashes))
    shared = set(one.hashes) & set(other.hashes) & set(among)
    smaller = min(len(one.hashes), len(other.hashes))
    return 0 < min(SHARED, smaller) <= len(shared)


def _hashes(closes: pl.DataFrame) -> Iterator[str]:
    """Hash the returns of each stretch; the symbol's name is no part of it."""
    steps = (pl.col("close") / pl.col("close").shift(1).over("symbol") - 1) * ROUNDING
    moves = closes.with_columns(move=steps.round()).filter(pl.col("move").is_finite())
    # By symbol: a few that have few bars must not change how the others are cut.
    days = pl.len().over("symbol", pl.col("day").dt.truncate("1mo"))
    fine = days.median().over("symbol") >= 2 * FEWEST_MOVES
    stretches = (
        moves.with_columns(
            stretch=pl.when(fine)
            .then(pl.col("day").dt.truncate("1mo"))
            .otherwise(pl.col("day").dt.truncate("1y"))
        )
        .group_by("symbol", "stretch", maintain_order=True)
        .agg(pl.col("move").cast(pl.Int64))
        .filter(pl.col("move").list.eval(pl.element() != 0).list.sum() >= FEWEST_MOVES)
        .select(pl.col("stretch").cast(pl.String), pl.col("move").cast(pl.List(pl.String)))
        .select(text=pl.col("stretch") + ":" + pl.col("move").list.join(","))
    )
    for text in stretches["text"]:
        yield hashlib.sha256(text.encode()).hexdigest()[:HEX]
