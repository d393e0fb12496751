"""Bars in batches of symbols: all at once from memory, or some at a time from disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import polars as pl

from tasks.features.execution.panel import KEYS, Panel, build_panel, sort_bars, to_numbers

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray


BATCH_ROWS: Final = 131_072
"""Rows of a batch: 80 megabytes for 158 features, of which several are in the making."""
SPAN_BATCHES: Final = 3
"""Batches that are read together: a row group is decoded whole, whatever is wanted of it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive symbols.

    Attributes
    ----------
    symbols
        Their places among all symbols, sorted.
    rows
        Their rows among all rows, sorted.
    """

    symbols: slice
    rows: slice


class Source(Protocol):
    """Where panels come from."""

    @property
    def batches(self) -> Sequence[Batch]:
        """All symbols in order."""

    def load(self, batch: Batch, names: Sequence[str]) -> Panel:
        """Lay out a batch with some of its fields."""

    def times(self) -> NDArray[np.int64]:
        """Time of every row, in order."""

    def symbols(self) -> list[str]:
        """All symbols in order."""

    @property
    def calendar_size(self) -> int:
        """How many times there are."""

    def is_over(self, symbol: str) -> bool:
        """Whether a symbol has no rows here, but had some before."""


class Whole:
    """All bars in one batch.

    Parameters
    ----------
    panel
        With every field that will be asked for.
    calendar_size
        How many times there are.
    over
        Symbols whose rows are all from before these bars.
    """

    def __init__(
        self, panel: Panel, calendar_size: int, over: Collection[str] = frozenset()
    ) -> None:
        self._panel, self._over = panel, over
        self.calendar_size = calendar_size
        symbols = slice(0, panel.row_bounds.size - 1)
        self.batches: Sequence[Batch] = [Batch(symbols, slice(0, panel.keys.height))]

    def load(self, batch: Batch, names: Sequence[str]) -> Panel:
        """Return the panel."""
        return self._panel

    def times(self) -> NDArray[np.int64]:
        """Time of every row, in order."""
        return to_numbers(self._panel.keys["ts"])

    def symbols(self) -> list[str]:
        """All symbols in order."""
        names: list[str] = self._panel.keys["symbol"].rle().struct.field("value").to_list()
        return names

    def is_over(self, symbol: str) -> bool:
        """Whether a symbol has no rows here, but had some before."""
        return symbol in self._over


class Pieces:
    """Bars read a batch at a time, so that memory does not grow with the number of symbols.

    Parameters
    ----------
    bars
        Best a scan of Parquet files sorted by symbol, of which only what a batch needs is read.
    batch_rows
        Rows of a batch, unless one symbol has more.
    """

    def __init__(self, bars: pl.LazyFrame, batch_rows: int) -> None:
        text = bars.collect_schema()["symbol"] == pl.String
        self._bars = bars if text else bars.with_columns(pl.col("symbol").cast(pl.String))
        index = self._bars.group_by("symbol").len().sort("symbol").collect(engine="streaming")
        self._symbols = index["symbol"]
        self._bounds = np.concatenate([[0], np.cumsum(index["len"].to_numpy())]).astype(np.int64)
        self._calendar = np.sort(
            to_numbers(bars.select(pl.col("ts").unique()).collect(engine="streaming")["ts"])
        )
        self.batches: Sequence[Batch] = _divide(self._bounds, batch_rows)
        self._span: tuple[tuple[str, ...], Batch, pl.DataFrame] | None = None

    def load(self, batch: Batch, names: Sequence[str]) -> Panel:
        """Read a batch, and those after it that are read with it; one thread at a time."""
        if self._span is None or not _holds(self._span, batch, names):
            self._span = None  # two spans would be held otherwise
            span = self._span_from(batch)
            self._span = (tuple(names), span, sort_bars(self._read(span, names)))
        _, span, frame = self._span
        rows = batch.rows.stop - batch.rows.start
        own = frame.slice(batch.rows.start - span.rows.start, rows)
        return build_panel(own, names, calendar=self._calendar)

    def _span_from(self, batch: Batch) -> Batch:
        first = self.batches.index(batch)
        last = self.batches[min(first + SPAN_BATCHES, len(self.batches)) - 1]
        return Batch(
            slice(batch.symbols.start, last.symbols.stop), slice(batch.rows.start, last.rows.stop)
        )

    def times(self) -> NDArray[np.int64]:
        """Time of every row, in order."""
        spans = [self._span_from(batch) for batch in self.batches[::SPAN_BATCHES]]
        parts = [to_numbers(sort_bars(self._read(span, ()))["ts"]) for span in spans]
        return np.concatenate(parts)

    def symbols(self) -> list[str]:
        """All symbols in order."""
        return self._symbols.to_list()

    @property
    def calendar_size(self) -> int:
        """How many times there are."""
        return self._calendar.size

    def is_over(self, symbol: str) -> bool:
        """Whether a symbol has no rows here, but had some before: all rows are here."""
        return False

    def inside(self, batch: Batch) -> pl.Expr:
        """Say of any frame's rows whether their symbol is in a batch."""
        first, last = self._symbols[batch.symbols.start], self._symbols[batch.symbols.stop - 1]
        return pl.col("symbol").is_between(pl.lit(first), pl.lit(last))

    def _read(self, batch: Batch, names: Sequence[str]) -> pl.DataFrame:
        return (
            self._bars.filter(self.inside(batch)).select(*KEYS, *names).collect(engine="streaming")
        )


def _holds(
    span: tuple[tuple[str, ...], Batch, pl.DataFrame], batch: Batch, names: Sequence[str]
) -> bool:
    read, own, _ = span
    return (
        read == tuple(names)
        and own.rows.start <= batch.rows.start
        and batch.rows.stop <= own.rows.stop
    )


def _divide(bounds: NDArray[np.int64], batch_rows: int) -> list[Batch]:
    batches, first = [], 0
    while first + 1 < bounds.size:
        last = int(np.searchsorted(bounds, bounds[first] + batch_rows, side="right")) - 1
        last = max(last, first + 1)
        batches.append(Batch(slice(first, last), slice(int(bounds[first]), int(bounds[last]))))
        first = last
    return batches
