"""Carrying: bars of the last close where a symbol was quiet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from tasks.streams.order.gaps import FOREVER
from tasks.streams.windows.frames import instant
from tasks.streams.windows.rows import ROWS, UTC

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tasks.resampling.resampling import Marks

MOST_CARRIED: Final = 1_000
"""Windows without an event of any symbol, one after the other, that get bars."""


class Carrying:
    """Knows each symbol's last close, from its first bar on."""

    def __init__(self) -> None:
        self._closes: dict[str, int] = {}
        self._last_end: int | None = None
        self._empty = 0

    def next_end(self, marks: Marks) -> int:
        """Return when the next window ends whose bars may have to be carried."""
        if self._last_end is None or self._empty >= MOST_CARRIED:
            return FOREVER
        return _ends(marks, self._last_end, FOREVER, 1)[0]

    def fill(self, bars: pl.DataFrame, marks: Marks, until: datetime) -> pl.DataFrame:
        """Add what is missing to the bars of the windows that are over.

        Parameters
        ----------
        bars
            Whole numbers, columns of ROWS.
        """
        by_end = bars.select("ts", "symbol", "close").sort("ts")
        known = {
            int(group["ts"].to_physical()[0]): dict(group.select("symbol", "close").iter_rows())
            for group in by_end.partition_by("ts", maintain_order=True)
        }
        over = int(pl.Series([until]).cast(UTC).to_physical()[0])
        added: list[tuple[Any, ...]] = []
        for end in self._all_ends(list(known), marks, over):
            there = known.get(end, {})
            self._empty = 0 if there else self._empty + 1
            added += [
                (name, instant(end), close, close, close, close, 0, 0)
                for name, close in self._closes.items()
                if name not in there
            ]
            self._closes.update(there)
            self._last_end = end
        extra = pl.DataFrame(added, schema=ROWS, orient="row")
        return pl.concat([bars, extra]).sort("symbol", "ts")

    def _all_ends(self, known: list[int], marks: Marks, over: int) -> Iterator[int]:
        """Yield the ends of windows in turn, of empty ones no more than may be carried."""
        for end in known:
            if self._last_end is not None:
                yield from self._empty_ends(marks, end - 1)
            yield end
        if self._last_end is not None:
            yield from self._empty_ends(marks, over)

    def _empty_ends(self, marks: Marks, before: int) -> list[int]:
        left = MOST_CARRIED - self._empty
        return _ends(marks, self._last_end or 0, before, left) if left > 0 else []

    def freeze(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {"closes": self._closes, "last_end": self._last_end, "empty": self._empty}

    def thaw(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self._closes = state["closes"]
        self._last_end, self._empty = state["last_end"], state["empty"]


def _ends(marks: Marks, after: int, until: int, most: int) -> list[int]:
    """Return the first ends of windows after one of them, and not after a time."""
    length = 1_000_000 * marks.seconds
    count = min(most, (until - after) // length + 1)
    if count <= 0:
        return []
    times = pl.Series([after + length * step for step in range(1, count + 1)], dtype=pl.Int64)
    ends = marks.ends(times.cast(UTC)).to_physical().unique().sort().to_list()
    return [end for end in ends if after < end <= until]
