"""What the verdict rests on: growth, falls, estimates with their errors, costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tasks.backtest.figures.statistics import annual_return, sharpe, sharpe_error, worst_drawdown
from tasks.report.verdict.estimate import Estimate, estimate_mean

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl
    from numpy.typing import NDArray

    from tasks.report.inputs import ReportInputs

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fall:
    """The deepest fall of an account: how deep, from when, to when, and when it was made good."""

    depth: float
    peak: datetime
    trough: datetime
    recovered: datetime | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers of the verdict; growth and rates are fractions, after costs.

    They are rates of a year, unless the whole period is shorter: a month is not blown up to a
    year, but stands for itself.

    Attributes
    ----------
    first, last, bars
        The traded period.
    yearly
        Whether rates are of a year; else of the whole period.
    growth, gross_growth, benchmark_growth
        Geometric, after costs, before costs, and of the benchmark.
    multiple, benchmark_multiple
        What one unit of money became.
    excess
        Mean return above the benchmark's, arithmetic.
    sharpe
        Of the net return, a year, risk-free rate zero.
    fall, benchmark_fall
        The deepest falls.
    turnover, cost
        Traded value and costs, in accounts.
    traded
        Whether anything was ever held.
    """

    first: datetime
    last: datetime
    bars: int
    yearly: bool
    growth: float
    gross_growth: float
    benchmark_growth: float
    multiple: float
    benchmark_multiple: float
    excess: Estimate | None
    sharpe: Estimate | None
    fall: Fall
    benchmark_fall: Fall
    turnover: float
    cost: float
    traded: bool


def gather(inputs: ReportInputs) -> Evidence | None:
    """Compute what the verdict rests on; None where nothing was simulated.

    Notes
    -----
    Look-ahead: it looks at the whole period: for judging, not for trading.
    """
    equity = inputs.equity
    if equity.is_empty():
        return None
    year = inputs.year.bars
    rate = min(year, float(len(equity)))
    net, gross, benchmark = (
        equity[name].to_numpy() for name in ("net_return", "gross_return", "benchmark_return")
    )
    excess = estimate_mean(net - benchmark)
    return Evidence(
        first=equity["ts"][0],
        last=equity["ts"][-1],
        bars=len(equity),
        yearly=len(equity) >= year,
        growth=annual_return(net, rate),
        gross_growth=annual_return(gross, rate),
        benchmark_growth=annual_return(benchmark, rate),
        multiple=float(np.prod(1 + net)),
        benchmark_multiple=float(np.prod(1 + benchmark)),
        excess=excess.scaled(rate) if excess else None,
        sharpe=_sharpe(net, year),
        fall=_fall(net, equity["ts"]),
        benchmark_fall=_fall(benchmark, equity["ts"]),
        turnover=float(equity["turnover"].to_numpy().mean()) * rate,
        cost=float(equity["cost"].to_numpy().mean()) * rate,
        traded=bool((equity["holdings"].to_numpy() > 0).any()),
    )


def estimate_signal(inputs: ReportInputs) -> tuple[Estimate | None, int]:
    """Estimate the mean rank IC, and say of how many decisions it is the mean.

    The metrics' own t-value comes first: it knows how far labels overlap.
    """
    values = inputs.ic["rank_ic"].drop_nulls().drop_nans().to_numpy()
    known = dict(inputs.metrics.select("name", "value").iter_rows())
    mean, t_value = known.get("rank_ic_mean"), known.get("rank_ic_t")
    if mean and t_value:
        return Estimate(mean, mean / t_value), len(values)
    return estimate_mean(values), len(values)


def _sharpe(returns: Floats, year: float) -> Estimate | None:
    value, error = sharpe(returns, year), sharpe_error(returns, year)
    return None if value is None or error is None else Estimate(value, error)


def _fall(returns: Floats, ts: pl.Series) -> Fall:
    worst = worst_drawdown(returns)

    def when(place: int) -> datetime:
        moment: datetime = ts[max(place - 1, 0)]  # place 0 is the value before the first bar
        return moment

    recovered = when(worst.end) if worst.recovered else None
    return Fall(worst.depth, when(worst.peak), when(worst.trough), recovered)
