"""The last part of a study: its signal traded as it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.backtest.simulation import run_backtest

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from tasks.backtest.market.market import Market
    from tasks.backtest.result import BacktestResult
    from tasks.backtest.simulation import Engine
    from tasks.signal.chain import Signalled
    from taskspecs.schema import TaskSpec


def trade(
    bars: pl.DataFrame,
    signal: Signalled,
    spec: TaskSpec,
    *,
    alarms: pl.DataFrame | None = None,
    engine: Engine = "qlib",
    market: Callable[[], Market] | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> BacktestResult:
    """Trade the signal of a study; see :func:`tasks.backtest.simulation.run_backtest`.

    Parameters
    ----------
    bars
        Those that the study works on.
    signal
        Its scores, and how well they foretell.
    spec
        The study.
    alarms
        What its detectors said, where they act on its backtest.
    engine
        ``qlib`` judges, ``fast`` is quick; they agree on what ``fast`` covers.
    market
        Returns the market of `bars` where it was laid out before.
    on_progress
        Called with the share of bars that are done, 0 to 1.

    Returns
    -------
    BacktestResult
        Equity, positions, trades, metrics and years.

    Raises
    ------
    BadInput
        What cannot be traded, and a backtest in which nothing is.

    Notes
    -----
    Look-ahead: a row at `t` depends on bars up to `t`, and on scores and alarms before `t`.
    """
    return run_backtest(
        bars,
        signal.scores,
        spec.backtest,
        frequency=spec.frequency,
        zone=spec.data.zone,
        ic=signal.ic,
        overlap=signal.overlap,
        patterns=alarms,
        engine=engine,
        market=market,
        must_trade=True,
        on_progress=on_progress,
    )
