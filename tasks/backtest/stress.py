"""How a backtest fares when less goes well: dearer, later, without its best days, year by year."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from configs.errors import BadInput, Failed
from tasks.backtest.figures.metrics import measure
from tasks.backtest.figures.statistics import annual_return, sharpe, volatility, worst_drawdown
from tasks.backtest.frames import equity_frame, trades_frame
from tasks.backtest.market.benchmark import benchmark_returns
from tasks.backtest.market.periods import bars_a_year
from tasks.backtest.problem import lay_out_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tasks.backtest.problem import Problem
    from tasks.backtest.result import BacktestResult
    from taskspecs.frequencies import Frequency
    from taskspecs.schema import BacktestSpec

BEST = 5
AGREES = 1e-9
"""The relative difference in the account up to which two engines say the same."""

FIGURES = (
    "total_return", "annual_return", "annual_volatility", "sharpe", "max_drawdown",
    "annual_turnover", "annual_cost",
)  # fmt: skip
SCHEMA = {
    "scenario": pl.String,
    "meaning": pl.String,
    "bars": pl.Int64,
    **dict.fromkeys(FIGURES, pl.Float64),
}
_BY_YEAR = {
    "total_return": "return",
    "annual_volatility": "volatility",
    "sharpe": "sharpe",
    "max_drawdown": "max_drawdown",
    "annual_turnover": "turnover",
    "annual_cost": "cost",
}


def stress_backtest(
    bars: pl.DataFrame,
    scores: pl.DataFrame,
    spec: BacktestSpec,
    judged: BacktestResult,
    *,
    frequency: Frequency,
    zone: str,
    patterns: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Repeat a backtest under harder conditions.

    What must be traded again is traded by the fast engine, after it has shown to agree with what
    was judged; a spec that it does not cover has nulls in those rows, and `meaning` says so.

    Parameters
    ----------
    bars, scores, spec, frequency, zone, patterns
        As they were given to :func:`tasks.backtest.simulation.run_backtest`.
    judged
        What it returned.

    Returns
    -------
    polars.DataFrame
        ``scenario`` (``as_judged``, ``costs_x2``, ``costs_x3``, ``one_bar_later``,
        ``without_best_5_bars``, ``year_2013``...), ``meaning``, ``bars`` (Int64), and Float64
        ``total_return``, ``annual_return``, ``annual_volatility``, ``sharpe``, ``max_drawdown``,
        ``annual_turnover``, ``annual_cost``, after costs, null where undefined. A year is not
        annualised: its turnover and cost are its own, its annual return null.

    Raises
    ------
    Failed
        If the fast engine does not agree with what was judged.

    Notes
    -----
    Look-ahead: it looks at the whole period: for judging, not for trading.
    """
    pace = {"frequency": frequency, "zone": zone}
    problem = lay_out_problem(bars, scores, spec, frequency, zone, patterns=patterns)
    rows = [
        _row("as_judged", "as the study says", judged.equity, pace),
        *_traded_again(problem, judged.equity, pace),
        _without_best(judged.equity, pace),
        *_years(judged.by_year),
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def dearer(spec: BacktestSpec, times: int) -> BacktestSpec:
    """Multiply all costs: fees, the least fee, slippage."""
    costs = spec.costs
    changed = {name: getattr(costs, name) * times for name in type(costs).model_fields}
    return spec.model_copy(update={"costs": costs.model_copy(update=changed)})


def _traded_again(
    problem: Problem, judged: pl.DataFrame, pace: Mapping[str, Any]
) -> Iterator[dict[str, object]]:
    scenarios = {
        "costs_x2": ("fees, least fee and slippage doubled", _priced(problem, 2)),
        "costs_x3": ("fees, least fee and slippage tripled", _priced(problem, 3)),
        "one_bar_later": ("each decision traded one bar later", problem.later()),
    }
    try:
        _refuse_disagreement(_equity(problem), judged)
    except BadInput as error:
        for name, (meaning, _) in scenarios.items():
            yield {"scenario": name, "meaning": f"{meaning}: not computed, {error.what}"}
        return
    for name, (meaning, harder) in scenarios.items():
        yield _row(name, meaning, _equity(harder), pace)


def _priced(problem: Problem, times: int) -> Problem:
    return replace(problem, spec=dearer(problem.spec, times))


def _equity(problem: Problem) -> pl.DataFrame:
    from tasks.backtest.fast.engine import play

    journal = play(problem)
    benchmark = benchmark_returns(problem.market, problem.spec.benchmark)
    return equity_frame(journal, problem, trades_frame(journal, problem), benchmark)


def _refuse_disagreement(ours: pl.DataFrame, judged: pl.DataFrame) -> None:
    if not np.allclose(ours["account"], judged["account"], rtol=AGREES, atol=0):
        raise Failed(
            "the fast engine and qlib disagree on this backtest, so its stress is not computed",
            hint="this is a mistake of Qraft's: please report the study and the data",
        )


def _row(
    scenario: str, meaning: str, equity: pl.DataFrame, pace: Mapping[str, Any]
) -> dict[str, object]:
    found = dict(measure(equity, **pace).select("name", "value").iter_rows())
    figures = {name: found[name] for name in FIGURES}
    return {"scenario": scenario, "meaning": meaning, "bars": len(equity), **figures}


def _without_best(equity: pl.DataFrame, pace: Mapping[str, Any]) -> dict[str, object]:
    """Take the gains of the best bars away, as if nothing had happened on them."""
    net = equity["net_return"].to_numpy()
    best = np.argsort(-net, kind="stable")[:BEST]
    left = net.copy()
    left[best] = np.minimum(left[best], 0)
    year = bars_a_year(equity["ts"], pace["frequency"], pace["zone"]).bars
    before = _row("", "", equity, pace)
    return {
        **before,
        "scenario": f"without_best_{BEST}_bars",
        "meaning": f"the gains of the best {BEST} bars taken away",
        "total_return": float(np.prod(1 + left) - 1),
        "annual_return": annual_return(left, year),
        "annual_volatility": volatility(left, year),
        "sharpe": sharpe(left, year),
        "max_drawdown": worst_drawdown(left).depth,
    }


def _years(by_year: pl.DataFrame) -> Iterator[dict[str, object]]:
    for row in by_year.iter_rows(named=True):
        yield {
            "scenario": f"year_{row['year']}",
            "meaning": f"{row['year']} alone, not annualised but for volatility and Sharpe",
            "bars": row["bars"],
            **{ours: row[theirs] for ours, theirs in _BY_YEAR.items()},
        }
