"""What was traded, what it cost, and what was held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tasks.backtest.figures.sample import Figure

if TYPE_CHECKING:
    from tasks.backtest.figures.sample import Sample


PARTICIPATION = 0.10
"""The part of a bar's traded value up to which a fill is taken not to move its price."""


def trading_figures(
    sample: Sample, trades: pl.DataFrame | None, short: int | None = None
) -> list[Figure]:
    """Measure how much was traded and what that cost.

    Parameters
    ----------
    sample
        Equity, net returns and the year of a backtest.
    trades
        Its fills; None where they are not known.
    short
        Of how many bars the candidates were too few; None where that is not known.

    Returns
    -------
    list
        Turnover and costs always; fills, fees, slippage and capacity with `trades`; short bars
        where known.

    Notes
    -----
    Look-ahead: looks at the whole period; for judging, not for trading.
    """
    equity, year = sample.equity, sample.year
    turnover = float(np.mean(equity["turnover"].to_numpy()))
    before = equity["account"].to_numpy() / (1 + sample.net)
    figures = [
        Figure("turnover", turnover, "fraction", "bought and sold, of the account, mean of a bar"),
        Figure("annual_turnover", turnover * year.bars, "fraction", f"annualised: {year.rule}"),
        Figure(
            "total_cost",
            float((equity["cost"].to_numpy() * before).sum()),
            "money",
            "fees and slippage",
        ),
        Figure(
            "annual_cost",
            float(np.mean(equity["cost"].to_numpy())) * year.bars,
            "fraction",
            f"fees and slippage, of the account; annualised: {year.rule}",
        ),
    ]
    if trades is not None:
        sides = "both sides, in the price of each fill"
        figures += [
            Figure("trades", len(trades), "count", "fills"),
            Figure("fees", float(trades["fee"].to_numpy().sum()), "money", "both sides"),
            Figure("slippage", float(trades["slippage"].to_numpy().sum()), "money", sides),
            Figure(
                "capacity",
                capacity(trades, pl.DataFrame({"ts": equity["ts"], "before": before})),
                "money",
                f"account at which 19 of 20 fills are at most {PARTICIPATION:.0%} of what was "
                "traded on their bar, sizes growing with the account",
            ),
        ]
    if short is not None:
        figures.append(
            Figure(
                "short_bars", short, "count",
                "bars on which fewer than topk + n_drop symbols could be ranked, so that what was "
                "held was sold without a replacement",
            )
        )  # fmt: skip
    return figures


def capacity(trades: pl.DataFrame, accounts: pl.DataFrame) -> float | None:
    """Return the account at which nearly all fills would still be a small part of their bar.

    A fill that was the share `p` of the value traded on its bar, by an account of `a`, would be the
    share `PARTICIPATION` by one of `a * PARTICIPATION / p`; of these accounts the 5th percentile is
    taken, so that 19 of 20 fills are within it.

    Parameters
    ----------
    trades
        ``ts``, ``participation``: null where no volume is known.
    accounts
        ``ts``, ``before``: money before the bar.

    Returns
    -------
    float or None
        Money; None where no volume is known, or nothing was traded.

    Notes
    -----
    Look-ahead: looks at the whole period; for judging, not for trading.
    """
    known = trades.filter(pl.col("participation") > 0).join(accounts, on="ts")
    if known.is_empty():
        return None
    fits = (known["before"] * PARTICIPATION / known["participation"]).to_numpy()
    return float(np.quantile(fits, 0.05))


def holding_figures(sample: Sample) -> list[Figure]:
    """Measure how much of the account was invested, and in how many symbols."""
    equity = sample.equity
    exposure = (equity["position_value"] / equity["account"]).to_numpy()
    return [
        Figure("exposure", float(np.mean(exposure)), "fraction", "invested, mean of a bar"),
        Figure("holdings", float(np.mean(equity["holdings"].to_numpy())), "count", "mean of a bar"),
        Figure("final_account", float(equity["account"][-1]), "money", "at the last bar"),
    ]
