"""What a report is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from tasks.backtest.market.periods import Year, bars_a_year
from tasks.report.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from taskspecs.schema import TaskSpec


@dataclass(frozen=True)
class ReportInputs:
    """The results of all stages of one run; nothing here is changed, and any frame may be empty.

    Attributes
    ----------
    spec
        What was asked.
    identity
        Name to value: run, digests of spec and data, as-of time, code.
    bars
        ``symbol, ts, open, high, low, close, volume, factor``; adjusted prices, UTC.
    market
        ``ts`` and one column for each series of the whole market.
    patterns
        ``pattern_id, type, ts, symbol, source, detector, prev_state, new_state, metrics,
        confidence, contributors``.
    equity
        ``ts, account, cash, position_value, gross_return, net_return, benchmark_return, turnover,
        cost, drawdown, holdings``, one row a bar.
    positions
        ``ts, symbol, shares, price, value, weight``.
    metrics
        ``name, value, unit, note``.
    ic
        ``ts, ic, rank_ic, n``.
    windows
        Of a model, one row each; see :class:`tasks.signal.training.Trained`.
    importance
        ``window, feature, gain, permutation``, of a model.
    stress
        ``scenario, meaning`` and figures: the same backtest under harder conditions.
    regimes
        ``regime, first, last, began_with, bars`` and figures: between the drifts of the market.
    cards, responses
        How often each detector is wrong on these data, and what it notices of planted changes;
        columns as in `detection.judgement`.
    by_year
        Any small table; fractions unless the column's name says otherwise.
    health
        ``rule, action, count, symbols, example, meaning``.
    reading
        How the columns of the source were read.
    leak
        ``clean, cuts, rows_compared, text``: the verdict on look-ahead.
    lineage
        For each stage: ``stage, key, inputs, code, files``, each file with ``name, rows, bytes,
        sha256``.
    periods_per_year
        Bars of a year; by default counted as the backtest counts them.
    """

    spec: TaskSpec
    identity: Mapping[str, str]
    bars: pl.DataFrame
    market: pl.DataFrame
    patterns: pl.DataFrame
    equity: pl.DataFrame
    positions: pl.DataFrame
    metrics: pl.DataFrame
    ic: pl.DataFrame
    by_year: pl.DataFrame
    health: pl.DataFrame
    regimes: pl.DataFrame = field(default_factory=pl.DataFrame)
    stress: pl.DataFrame = field(default_factory=pl.DataFrame)
    cards: pl.DataFrame = field(default_factory=pl.DataFrame)
    responses: pl.DataFrame = field(default_factory=pl.DataFrame)
    windows: pl.DataFrame = field(default_factory=pl.DataFrame)
    importance: pl.DataFrame = field(default_factory=pl.DataFrame)
    reading: Mapping[str, Any] = field(default_factory=dict)
    leak: Mapping[str, Any] = field(default_factory=dict)
    lineage: Sequence[Mapping[str, Any]] = ()
    periods_per_year: float | None = None

    @cached_property
    def clock(self) -> Clock:
        """How times are shown: in the zone of the data, by the day or to the minute."""
        return Clock(self.spec.data.zone, self.spec.frequency)

    @cached_property
    def year(self) -> Year:
        """The bars of a year, and the rule that counted them."""
        if self.periods_per_year is not None:
            return Year(self.periods_per_year, f"{self.periods_per_year:g} bars a year")
        ts = next((f["ts"] for f in (self.equity, self.ic, self.bars) if not f.is_empty()), None)
        if ts is None:
            return Year(252.0, "252 days a year")
        return bars_a_year(ts, self.spec.frequency, self.spec.data.zone)
