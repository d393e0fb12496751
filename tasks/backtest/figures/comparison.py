"""How the strategy did against its benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tasks.backtest.figures import statistics
from tasks.backtest.figures.sample import Figure

if TYPE_CHECKING:
    from tasks.backtest.figures.sample import Sample


def comparison_figures(sample: Sample) -> list[Figure]:
    """Compare returns after costs with those of the benchmark, which pays none."""
    net, benchmark, (bars, rule) = sample.net, sample.benchmark, sample.year
    yearly = f"annualised: {rule}"
    growth = statistics.annual_return(benchmark, bars)
    slope = statistics.beta(net, benchmark)
    alpha = None if slope is None else float(np.mean(net - slope * benchmark)) * bars
    return [
        Figure("benchmark_annual_return", growth, "fraction", f"geometric, no costs; {yearly}"),
        Figure(
            "benchmark_annual_volatility",
            statistics.volatility(benchmark, bars),
            "fraction",
            yearly,
        ),
        Figure("benchmark_sharpe", statistics.sharpe(benchmark, bars), "ratio", yearly),
        Figure(
            "benchmark_max_drawdown",
            statistics.worst_drawdown(benchmark).depth,
            "fraction",
            "no costs",
        ),
        Figure(
            "excess_annual_return",
            statistics.annual_return(net, bars) - growth,
            "fraction",
            "annual return less that of the benchmark, both geometric, after costs",
        ),
        Figure(
            "tracking_error",
            statistics.volatility(net - benchmark, bars),
            "fraction",
            f"standard deviation of the difference in bar returns; {yearly}",
        ),
        Figure(
            "information_ratio",
            statistics.sharpe(net - benchmark, bars),
            "ratio",
            f"arithmetic mean of the difference over its standard deviation; {yearly}",
        ),
        Figure("beta", slope, "ratio", "least squares on the benchmark's bar returns"),
        Figure("alpha", alpha, "fraction", f"mean return not explained by beta; {yearly}"),
    ]
