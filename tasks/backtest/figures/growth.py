"""What was gained, how smoothly, and how deep it fell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tasks.backtest.figures import statistics
from tasks.backtest.figures.sample import Figure

if TYPE_CHECKING:
    from tasks.backtest.figures.sample import Sample


def growth_figures(sample: Sample) -> list[Figure]:
    """Measure the growth of the account and its ratio to risk, after costs."""
    net, (bars, rule) = sample.net, sample.year
    yearly = f"annualised: {rule}"
    return [
        Figure("bars", len(net), "bars", "bars on which the strategy could trade"),
        Figure("bars_a_year", bars, "bars", rule),
        Figure("total_return", float(np.prod(1 + net) - 1), "fraction", "after costs"),
        Figure(
            "annual_return",
            statistics.annual_return(net, bars),
            "fraction",
            f"geometric, after costs; {yearly}",
        ),
        Figure(
            "annual_volatility",
            statistics.volatility(net, bars),
            "fraction",
            f"standard deviation of bar returns (n - 1), after costs; {yearly}",
        ),
        Figure(
            "sharpe",
            statistics.sharpe(net, bars),
            "ratio",
            f"arithmetic mean over standard deviation, risk-free rate 0, after costs; {yearly}",
        ),
        Figure(
            "sharpe_standard_error",
            statistics.sharpe_error(net, bars),
            "ratio",
            "Lo (2002), for independent returns; annualised like the ratio",
        ),
        Figure(
            "sharpe_standard_error_by_moments",
            statistics.sharpe_error_by_moments(net, bars),
            "ratio",
            "Mertens (2002), allowing for skew and fat tails; annualised like the ratio",
        ),
        Figure(
            "sortino",
            statistics.sortino(net, bars),
            "ratio",
            f"mean over downside deviation below 0, over all bars, after costs; {yearly}",
        ),
        Figure("hit_rate", _hit_rate(sample), "fraction", "bars with a gain, of those invested"),
    ]


def fall_figures(sample: Sample) -> list[Figure]:
    """Measure the deepest fall of the account, and how long it lasted."""
    fall = statistics.worst_drawdown(sample.net)
    ts = sample.equity["ts"].dt.convert_time_zone(sample.zone)
    peak, trough, end = (ts[max(place - 1, 0)] for place in (fall.peak, fall.trough, fall.end))
    ended = f"recovered {end:%Y-%m-%d}" if fall.recovered else f"not recovered by {end:%Y-%m-%d}"
    story = f"peak {peak:%Y-%m-%d}, trough {trough:%Y-%m-%d}, {ended}"
    story = story if fall.depth < 0 else "the account never fell below an earlier height"
    growth = statistics.annual_return(sample.net, sample.year.bars)
    return [
        Figure("max_drawdown", fall.depth, "fraction", f"after costs; {story}"),
        Figure(
            "max_drawdown_bars",
            fall.end - fall.peak,
            "bars",
            "from its peak to its recovery, or to the end",
        ),
        Figure(
            "max_drawdown_days",
            (end.date() - peak.date()).days,
            "days",
            "calendar days from its peak to its recovery, or to the end",
        ),
        Figure(
            "calmar",
            growth / -fall.depth if fall.depth < 0 else None,
            "ratio",
            "annual return over depth of the maximum drawdown, whole period",
        ),
    ]


def _hit_rate(sample: Sample) -> float | None:
    invested = sample.equity.filter((pl.col("holdings") > 0) | (pl.col("turnover") > 0))
    if invested.is_empty():
        return None
    return float((invested["net_return"] > 0).sum()) / len(invested)
