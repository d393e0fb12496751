"""A backtest from bars and scores to result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from configs.errors import BadInput
from tasks.backtest.figures.metrics import measure
from tasks.backtest.figures.spread import long_short_returns
from tasks.backtest.figures.yearly import by_year
from tasks.backtest.frames import equity_frame, positions_frame, trades_frame
from tasks.backtest.market.benchmark import benchmark_returns
from tasks.backtest.problem import lay_out_problem
from tasks.backtest.refusals.candidates import short_bars
from tasks.backtest.refusals.idle import refuse_idle
from tasks.backtest.refusals.refusals import refuse_impossible, refuse_scores
from tasks.backtest.result import BacktestResult

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    import polars as pl

    from tasks.backtest.journal import Journal
    from tasks.backtest.market.market import Market
    from tasks.backtest.problem import Problem
    from taskspecs.frequencies import Frequency
    from taskspecs.schema import BacktestSpec

Engine = Literal["qlib", "fast"]


def run_backtest(
    bars: pl.DataFrame,
    scores: pl.DataFrame,
    spec: BacktestSpec,
    *,
    frequency: Frequency,
    zone: str,
    ic: pl.DataFrame | None = None,
    overlap: int = 0,
    patterns: pl.DataFrame | None = None,
    engine: Engine = "qlib",
    must_trade: bool = False,
    as_is: bool = False,
    market: Callable[[], Market] | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> BacktestResult:
    """Trade scores by qlib's strategy and exchange, after costs.

    Scores of one bar are traded at the next, or ``spec.trade_delay_bars`` later, at
    ``spec.deal_price`` of that bar; on bars that follow no scores nothing is traded. At most 95 %
    of money is invested at one time. What can be traded when is stated in
    :func:`tasks.backtest.market.market.prepare_market`. Slippage is part of the price of a fill, so
    fees, and the least fee of an order, are reckoned on top of it.

    Parameters
    ----------
    bars
        ``symbol, ts, open, close, volume, factor``: ``ts`` Datetime us UTC, end of bar; prices
        adjusted, ``close / factor`` as traded.
    scores
        ``symbol, ts, score`` (Float64, no nulls), at decision times only.
    spec
        Strategy, costs, benchmark, period (local days, both included).
    frequency
        Distance between bars.
    zone
        IANA name of the zone in which days are counted.
    ic
        ``ts, ic, rank_ic, n``: adds the signal's information coefficient to the metrics.
    overlap
        How many following decisions the label of a decision overlaps with; for the t-values of
        the information coefficient.
    patterns
        Those that were found, where ``spec.suspend_on`` or ``scale_on`` says that they act; see
        :func:`tasks.backtest.decisions.reactions.react`.
    engine
        ``qlib`` judges; ``fast`` trades by the same rules, compiled, some hundred times quicker,
        and refuses by name what it does not cover.
    must_trade
        Refuse a backtest in which nothing is traded; see :mod:`tasks.backtest.refusals.idle`.
    as_is
        Trade what there is, however few symbols have scores: of a study that is approved, and that
        goes on while some of its symbols are suspended.
    market
        Returns the market of `bars`, called once the backtest is known to be possible; default it
        is laid out here.
    on_progress
        Called with the share of bars that are done, 0 to 1.

    Returns
    -------
    BacktestResult
        Equity, positions, trades, metrics and years. Equal input gives equal bits.

    Raises
    ------
    BadInput
        What cannot be traded is refused before anything is computed; see
        :mod:`tasks.backtest.refusals.refusals`.

    Notes
    -----
    Look-ahead: a row at `t` depends on bars up to `t`, and on scores and patterns before `t`.

    References
    ----------
    Yang, Liu, Zhou, Bian, Liu (2020), "Qlib: An AI-oriented Quantitative Investment Platform",
    arXiv:2009.11189; strategies `TopkDropoutStrategy` and
    `WeightStrategyBase`, executor `SimulatorExecutor`.
    """
    if not as_is:
        refuse(bars, scores, spec, zone)
    problem = lay_out_problem(bars, scores, spec, frequency, zone, patterns=patterns, market=market)
    journal = _simulator(engine)(problem, on_progress=on_progress)
    if must_trade:
        refuse_idle(journal, problem)
    return result_of(journal, problem, frequency=frequency, zone=zone, ic=ic, overlap=overlap)


def refuse(bars: pl.DataFrame, scores: pl.DataFrame, spec: BacktestSpec, zone: str) -> None:
    """Refuse what cannot be traded, before anything is computed.

    Parameters
    ----------
    bars
        As for `run_backtest`.
    scores
        As for `run_backtest`.
    spec
        The backtest.
    zone
        IANA name of the zone in which days are counted.

    Raises
    ------
    BadInput
        See :mod:`tasks.backtest.refusals.refusals`.

    Notes
    -----
    Look-ahead: all bars and scores: whether a backtest can be run, and no value.
    """
    if bars.is_empty():
        raise BadInput("there are no bars to trade", hint="change data.symbols, start or end")
    symbols = bars["symbol"].unique().sort().to_list()
    refuse_impossible(spec, symbols, *_span(bars, zone))
    refuse_scores(spec, scores, symbols)


def result_of(
    journal: Journal,
    problem: Problem,
    *,
    frequency: Frequency,
    zone: str,
    ic: pl.DataFrame | None = None,
    overlap: int = 0,
) -> BacktestResult:
    """Return the frames of a journal; see :func:`run_backtest`.

    Parameters
    ----------
    journal
        What was played, by either engine.
    problem
        What was to be played.
    frequency
        Distance between bars.
    zone
        IANA name of the zone in which days are counted.
    ic
        Information coefficients, for the figures of the signal; default none.
    overlap
        As for `run_backtest`.

    Returns
    -------
    BacktestResult
        Equity, positions, trades, metrics and years.

    Notes
    -----
    Look-ahead: rows of frames as of :func:`run_backtest`; metrics and years look at the whole
    period.
    """
    trades = trades_frame(journal, problem)
    benchmark = benchmark_returns(problem.market, problem.spec.benchmark)
    equity = equity_frame(journal, problem, trades, benchmark)
    return BacktestResult(
        equity=equity,
        positions=positions_frame(journal, problem),
        trades=trades,
        metrics=measure(
            equity,
            frequency=frequency,
            zone=zone,
            trades=trades,
            ic=ic,
            overlap=overlap,
            spread=long_short_returns(problem),
            short=short_bars(journal, problem),
        ),
        by_year=by_year(equity, frequency=frequency, zone=zone),
    )


def _simulator(engine: Engine) -> Callable[..., Journal]:
    """Import an engine: qlib's takes four seconds, so after all that may be refused."""
    if engine == "fast":
        from tasks.backtest.fast.engine import play as fast

        return fast
    from tasks.backtest.judge.play import play as judge

    return judge


def _span(bars: pl.DataFrame, zone: str) -> tuple[date, date]:
    days = bars["ts"].dt.convert_time_zone(zone).dt.date()
    first, last = days.min(), days.max()
    return first, last  # type: ignore[return-value]
