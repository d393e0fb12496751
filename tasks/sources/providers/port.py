"""What brings bars of a period."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import polars as pl


class Span(NamedTuple):
    """A period, and how long its bars are, in microseconds; the end is excluded."""

    start_us: int
    end_us: int
    every_us: int


class Piece(NamedTuple):
    """Bars, in the order of time, and the time up to which all of them are there now.

    Attributes
    ----------
    bars
        ``symbol: String, date: Date`` or ``close_time: Datetime("us", "UTC"), open, high, low,
        close, volume: Float64``, and ``amount`` and ``adj_close`` where there are any.
    upto_us
        Microseconds since 1970, UTC; a fetch that was stopped goes on here.
    """

    bars: pl.DataFrame
    upto_us: int


class Provider(Protocol):
    """Brings bars, symbol by symbol."""

    @property
    def name(self) -> str:
        """What files are called by."""

    @property
    def lengths(self) -> Mapping[str, int]:
        """The bars there are: `1min`, `day`, ..., to microseconds."""

    @property
    def provenance(self) -> Mapping[str, str]:
        """Where bars come from, on which terms, and what a reader has to know."""

    def pieces(self, symbol: str, span: Span) -> AsyncIterator[Piece]:
        """Yield bars of a symbol, piece by piece, in the order of time.

        Raises
        ------
        QraftError
            If they cannot be had; what was yielded stands.
        """


def day(ts_us: int) -> str:
    """Write the day of a time."""
    return datetime.fromtimestamp(ts_us / 1e6, UTC).date().isoformat()
