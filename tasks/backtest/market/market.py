"""Bars as a simulator needs them: dense, with what can be traded and at which price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from configs.errors import BadInput
from tasks.backtest.market.steps import list_steps, step_of
from tasks.backtest.market.tradability import at_limit, fill_forward, untraded

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from taskspecs.frequencies import Frequency
    from taskspecs.schema import BacktestSpec

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Market:
    """All bars of all symbols; every array has a row for each step, a column for each symbol.

    Attributes
    ----------
    steps
        ``row``, ``step``, ``ts``, ``day``; see :func:`tasks.backtest.market.steps.list_steps`.
    symbols
        In alphabetical order.
    close, deal
        Adjusted prices, NaN where there is none: of valuation, and of deals before slippage.
    factor
        ``close / factor`` is the traded price; the last one known, NaN before the first.
    volume
        Adjusted volume, NaN where unknown.
    blocked_buy, blocked_sell
        Where no order can be filled: suspended, untraded, no price to deal at, or at its limit.
    """

    steps: pl.DataFrame
    symbols: tuple[str, ...]
    close: Floats
    deal: Floats
    factor: Floats
    volume: Floats
    blocked_buy: Flags
    blocked_sell: Flags


def prepare_market(
    bars: pl.DataFrame, spec: BacktestSpec, frequency: Frequency, zone: str
) -> Market:
    """Lay bars out densely and decide what can be traded when.

    A bar without a close, or no bar, is a suspension. A bar with a volume of zero was not traded,
    nor was one with an unknown volume of a symbol whose volume was known before. A price limit
    holds the price of the deal against the last close of an earlier day.

    Parameters
    ----------
    bars
        ``symbol``, ``ts``, ``open``, ``close``, ``volume``, ``factor``.
    spec
        ``deal_price`` and ``limit_threshold``.
    frequency
        Distance between bars.
    zone
        IANA name of the zone in which days are counted.

    Returns
    -------
    Market
        Each array of shape (steps, symbols), Float64 or Boolean.

    Raises
    ------
    BadInput
        When a bar with a close has no usable factor; when a daily price limit is set for weekly
        or monthly bars.

    Notes
    -----
    Look-ahead: row `t` depends on bars up to and including `t`, and on nothing of bar `t` that is
    not known when orders of that bar are filled: its limit is judged by the price dealt at.
    """
    steps = list_steps(bars, frequency, zone)
    symbols = tuple(bars["symbol"].unique().sort().to_list())
    _refuse_factors(bars)
    lay_out = _spread(bars, steps, symbols, frequency, zone)
    close = _price(lay_out("close"))
    deal = close if spec.deal_price == "close" else _price(lay_out(spec.deal_price))
    volume = lay_out("volume")
    shut = np.isnan(close) | np.isnan(deal) | untraded(volume)
    up, down = at_limit(close, deal, steps, spec.limit_threshold, frequency)
    return Market(
        steps=steps,
        symbols=symbols,
        close=close,
        deal=deal,
        factor=fill_forward(lay_out("factor")),
        volume=volume,
        blocked_buy=shut | up,
        blocked_sell=shut | down,
    )


def _spread(
    bars: pl.DataFrame,
    steps: pl.DataFrame,
    symbols: tuple[str, ...],
    frequency: Frequency,
    zone: str,
) -> Callable[[str], Floats]:
    """Return the function that lays a column of bars out over steps and symbols."""
    columns = pl.DataFrame({"symbol": symbols}).with_row_index("column")
    keyed = (
        bars.select("symbol", step_of(frequency, zone))
        .join(steps.select("step", "row"), on="step", how="left", maintain_order="left")
        .join(columns, on="symbol", how="left", maintain_order="left")
    )
    at = (keyed["row"].to_numpy(), keyed["column"].to_numpy())

    def lay_out(name: str) -> Floats:
        dense = np.full((len(steps), len(symbols)), np.nan)
        dense[at] = bars[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        return dense

    return lay_out


def _price(values: Floats) -> Floats:
    """Take what is no price (zero, negative, infinite) as missing."""
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def _refuse_factors(bars: pl.DataFrame) -> None:
    usable = pl.col("factor").is_finite() & (pl.col("factor") > 0)
    bad = bars.filter(pl.col("close").is_not_null() & ~usable.fill_null(value=False)).head(1)
    if not bad.is_empty():
        row = bad.row(0, named=True)
        raise BadInput(
            f"the bar of {row['symbol']} at {row['ts']} has the factor {row['factor']}; "
            "close / factor must be the traded price",
            hint="give every bar a factor above zero; 1.0 where prices are not adjusted",
        )
