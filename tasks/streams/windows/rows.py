"""Events as columns: what bars are made of, exactly."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import polars as pl

from tasks.streams.event import Candle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.streams.event import Event, Scales, Trade

UTC: Final = pl.Datetime("us", "UTC")
NUMBERS: Final = ("open", "high", "low", "close", "volume")
COLUMNS: Final = ("ts", *NUMBERS, "amount")
TRADED: Final = -2
"""In the column of amounts: it is price times size. Less than 0, else: the source has none."""
BARS: Final[dict[str, pl.DataType]] = {
    "symbol": pl.String(),
    "ts": UTC,
    **{name: pl.Float64() for name in (*NUMBERS, "amount", "factor")},
    "known_at": UTC,
}

NO_BARS: Final = pl.DataFrame(schema=BARS)
ROWS: Final[dict[str, pl.DataType]] = {
    "symbol": pl.String(),
    "ts": UTC,
    **{name: pl.Int64() for name in NUMBERS[:4]},
    "volume": pl.Int128(),
    "amount": pl.Int128(),
}
"""Rows of windows, as whole numbers; sums of 128 bits do not overflow."""


class Rows:
    """Events of windows that are open, column by column, in the order in which they go on.

    Attributes
    ----------
    symbols
        All names so far; a row refers to its place.
    """

    def __init__(self) -> None:
        self.symbols: dict[str, int] = {}
        self.clear()

    def clear(self) -> None:
        """Forget the rows, and no name."""
        self._places = array("i")
        self._columns = {name: array("q") for name in COLUMNS}

    def __len__(self) -> int:
        return len(self._places)

    def add(self, events: Sequence[Event]) -> None:
        """Put events behind the others; all of one kind."""
        names, columns = self.symbols, self._columns
        for event in events:
            if event.symbol not in names:
                names[event.symbol] = len(names)
        self._places.extend([names[event.symbol] for event in events])
        columns["ts"].extend([event.ts_us for event in events])
        if isinstance(events[0], Candle):
            for name in (*NUMBERS, "amount"):
                columns[name].extend([getattr(event, name) for event in events])
            return
        trades = cast("Sequence[Trade]", events)
        prices = array("q", [trade.price for trade in trades])
        for name in NUMBERS[:4]:
            columns[name].extend(prices)
        columns["volume"].extend([trade.size for trade in trades])
        columns["amount"].extend(array("q", [TRADED]) * len(prices))

    def frame(self, scales: Scales) -> pl.DataFrame:
        """Return the rows as whole numbers, columns of ROWS, amounts by `digits`."""
        names = pl.Series("symbol", list(self.symbols), dtype=pl.String)
        numbers = {name: _series(column) for name, column in self._columns.items()}
        frame = pl.DataFrame({"symbol": names.gather(_series(self._places)), **numbers})
        volume, amount = pl.col("volume").cast(pl.Int128), pl.col("amount")
        own, named = traded_digits(scales), scales.amount_decimals
        money = (
            pl.when(amount == TRADED)
            .then(pl.col("close").cast(pl.Int128) * volume * _ten(digits(scales) - own))
            .when(amount >= 0)
            .then(amount.cast(pl.Int128) * _ten(digits(scales) - named))
        )
        return frame.with_columns(amount=money, volume=volume).cast(ROWS)  # type: ignore[arg-type]


def traded_digits(scales: Scales) -> int:
    """Return the decimals of price times size."""
    return scales.price_decimals + scales.size_decimals


def digits(scales: Scales) -> int:
    """Return the decimals of amounts in rows: as many as any kind of event has."""
    return max(traded_digits(scales), scales.amount_decimals)


def _ten(power: int) -> pl.Expr:
    return pl.lit(10**power, dtype=pl.Int128)


def _series(column: array[int]) -> pl.Series:
    kind = np.int32 if column.typecode == "i" else np.int64
    return pl.Series(np.array(column, dtype=kind))


def to_bars(merged: pl.DataFrame, scales: Scales, *, lateness_us: int) -> pl.DataFrame:
    """Return bars of whole numbers in their units, columns of BARS.

    `known_at` is the end of the bar and the lateness: before that no watermark is past it.
    """
    price, size = 10.0**scales.price_decimals, 10.0**scales.size_decimals
    units = dict.fromkeys(NUMBERS[:4], price)
    units |= {"volume": size, "amount": 10.0 ** digits(scales)}
    return merged.select(
        "symbol",
        "ts",
        *(_in_units(merged[name], unit) for name, unit in units.items()),
        pl.lit(1.0).alias("factor"),
        (pl.col("ts") + pl.duration(microseconds=lateness_us)).alias("known_at"),
    ).cast(BARS)  # type: ignore[arg-type]


def _in_units(numbers: pl.Series, unit: float) -> pl.Series:
    """Divide by numpy: Polars multiplies by 1 / unit where there are several rows, not for one."""
    floats = numbers.cast(pl.Float64)
    divided = pl.Series(numbers.name, floats.fill_null(0.0).to_numpy() / unit)
    if not floats.null_count():
        return divided
    return divided.to_frame().select(pl.when(floats.is_not_null()).then(pl.col(numbers.name)))[
        numbers.name
    ]
