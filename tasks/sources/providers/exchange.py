"""Bars of an exchange, by the history of a live source: the same decoders, the same names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from configs.errors import BadInput
from tasks.sources.history.asking import pages, silent
from tasks.sources.providers.port import Piece, Span
from tasks.streams.decoding import make
from tasks.streams.decoding.history import DAY_US, HOUR_US, MINUTE_US, Ask
from tasks.streams.event import Candle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from configs.output import Talk
    from tasks.streams.event import Event, Scales
    from taskspecs.sources.spec import SourceSpec

NAMES = {
    MINUTE_US: "1min", 5 * MINUTE_US: "5min", 15 * MINUTE_US: "15min", 30 * MINUTE_US: "30min",
    HOUR_US: "1h", DAY_US: "day",
}  # fmt: skip
"""How studies call bars of these lengths."""


class ExchangeHistory:
    """Asks the history of a source.

    Parameters
    ----------
    spec
        The source.
    say
        Told when the exchange asks for patience.

    Raises
    ------
    BadInput
        If it has none.
    """

    def __init__(self, spec: SourceSpec, say: Talk = silent) -> None:
        self._spec, self._say = spec, say
        self._decoder = make(spec)
        if self._decoder.history is None:
            raise BadInput(
                f"the source `{spec.name}` has no history to ask",
                next_command="qraft sources list",
            )
        self._history = self._decoder.history

    @property
    def name(self) -> str:
        """What files are called by: the exchange."""
        return self._spec.history or self._history.name

    @property
    def lengths(self) -> Mapping[str, int]:
        """The bars there are."""
        return {NAMES[every_us]: every_us for every_us in self._history.every}

    @property
    def provenance(self) -> Mapping[str, str]:
        """Where they come from, and on which terms."""
        return {
            "from": self._spec.history_url or self._history.url,
            "licence": self._spec.licence,
            "limits": self._history.about,
            "caveats": "candles as the exchange's history tells them now; it may have corrected "
            "them since. A time without a trade may have no candle.",
        }

    async def pieces(self, symbol: str, span: Span) -> AsyncIterator[Piece]:
        """Yield the candles of each answer."""
        ask = Ask(symbol, every_us=span.every_us, start_us=span.start_us, end_us=span.end_us)
        async for answered in pages(self._spec, self._decoder, ask, say=self._say):
            left = answered.page.left
            upto_us = span.end_us if left is None else left.start_us
            bars = bars_of(answered.page.events, self._decoder.scales, span.every_us)
            yield Piece(bars, upto_us)


def bars_of(events: Iterable[Event], scales: Scales, every_us: int) -> pl.DataFrame:
    """Return candles as the bars of a file; numbers are the floats next to what was written."""
    candles = [each for each in events if isinstance(each, Candle)]
    price, size, money = (
        10.0**decimals
        for decimals in (scales.price_decimals, scales.size_decimals, scales.amount_decimals)
    )
    columns: dict[str, Any] = {
        "symbol": pl.Series([each.symbol for each in candles], dtype=pl.String),
        "end": pl.Series([each.ts_us for each in candles], dtype=pl.Int64),
    }
    for name in ("open", "high", "low", "close"):
        columns[name] = pl.Series([getattr(c, name) / price for c in candles], dtype=pl.Float64)
    columns["volume"] = pl.Series([c.volume / size for c in candles], dtype=pl.Float64)
    amounts = [None if c.amount < 0 else c.amount / money for c in candles]
    columns["amount"] = pl.Series(amounts, dtype=pl.Float64)
    end = pl.from_epoch("end", time_unit="us")
    if every_us >= DAY_US:
        stamp = (end - pl.duration(microseconds=every_us)).dt.date().alias("date")
    else:
        stamp = end.dt.replace_time_zone("UTC").alias("close_time")
    rest = ("open", "high", "low", "close", "volume", "amount")
    return pl.DataFrame(columns).sort("end").select("symbol", stamp, *rest)
