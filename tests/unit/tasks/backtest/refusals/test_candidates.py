"""Rules with nothing to choose from are refused, or counted; what trades nothing is no result."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from configs.errors import BadInput
from tasks.backtest.refusals.refusals import refuse_impossible
from tasks.backtest.remarks import remarks_of
from tasks.backtest.simulation import run_backtest
from taskspecs.schema import BacktestSpec, TaskSpec

DAYS = 60
FIRST = datetime(2024, 1, 1, 23, tzinfo=UTC)


def bars(symbols: int, **columns: pl.Expr) -> pl.DataFrame:
    draw = np.random.default_rng(5)
    frames = [
        pl.DataFrame(
            {
                "symbol": f"S{number}",
                "ts": [FIRST + timedelta(days=day) for day in range(DAYS)],
                "close": 100 * np.exp(draw.normal(0, 0.01, DAYS).cumsum()),
            },
            schema_overrides={"ts": pl.Datetime("us", "UTC")},
        )
        for number in range(symbols)
    ]
    frame = pl.concat(frames).with_columns(
        open=pl.col("close"), volume=pl.lit(1e6), factor=pl.lit(1.0)
    )
    return frame.with_columns(**columns).sort("symbol", "ts")


def scores(frame: pl.DataFrame) -> pl.DataFrame:
    draw = np.random.default_rng(6).normal(size=len(frame))
    return frame.select("symbol", "ts", score=pl.Series(draw))


def backtest(frame, scored, engine="fast", **rules):
    return run_backtest(
        frame, scored, BacktestSpec.model_validate(rules), frequency="day", zone="UTC",
        engine=engine, must_trade=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("symbols", "rules", "line"),
    [
        (1, {"topk": 1}, "strategy: weights, topk: 1, positive_only: true"),
        (2, {"topk": 2}, "`topk: 1` and `n_drop: 1` is the most that fits"),
        (3, {"topk": 2, "n_drop": 2}, "`topk: 2` and `n_drop: 1` is the most that fits"),
        (8, {"topk": 8}, "`topk: 7` and `n_drop: 1` is the most that fits"),
        (4, {"topk": 9, "n_drop": 9}, "`topk: 3` and `n_drop: 1` is the most that fits"),
        (4, {"topk": 9, "strategy": "weights"}, "lower topk to 4 or less"),
    ],
)
def test_a_rule_with_nothing_to_choose_from_is_refused_with_what_fits(symbols, rules, line):
    names = [f"S{number}" for number in range(symbols)]
    with pytest.raises(BadInput) as refused:
        refuse_impossible(BacktestSpec(**rules), names, date(2024, 1, 1), date(2024, 2, 1))
    assert line in str(refused.value)
    assert refused.value.place.key in {"backtest.topk", "backtest.n_drop"}
    frame = bars(symbols)
    with pytest.raises(BadInput):
        backtest(frame, scores(frame), **rules)


@pytest.mark.parametrize(
    "rules",
    [
        {"topk": 2, "n_drop": 0}, {"topk": 2, "strategy": "weights"},
        {"topk": 1, "n_drop": 1}, {"topk": 1, "strategy": "weights", "positive_only": True},
    ],
)  # fmt: skip
def test_what_makes_sense_of_two_symbols_is_traded(rules):
    frame = bars(2)
    assert backtest(frame, scores(frame), **rules).trades.height > 0


@pytest.mark.parametrize("engine", ["fast", "qlib"])
def test_bars_with_too_few_candidates_are_counted(engine):
    """Two of four symbols have no scores for twelve bars: nothing can be replaced on these."""
    frame = bars(4)
    scored = scores(frame)
    few = pl.col("ts").is_between(FIRST + timedelta(days=20), FIRST + timedelta(days=31))
    scored = scored.filter(~few | pl.col("symbol").is_in(["S0", "S1"]))
    result = backtest(frame, scored, engine=engine, topk=2, n_drop=1)
    figures = dict(result.metrics.select("name", "value").iter_rows())
    held = result.positions.group_by("ts").agg(pl.col("symbol"))
    names = dict(zip(held["ts"].to_list(), held["symbol"].to_list(), strict=True))
    ranked = {ts: set(part["symbol"]) for (ts,), part in scored.group_by("ts")}
    due = sorted(ranked)[:-1]
    assert figures["short_bars"] == sum(
        len(ranked[ts] | set(names[ts])) < 3 for ts in due if ts in names
    )
    assert 0 < figures["short_bars"] <= 12
    spec = TaskSpec.model_validate({"name": "a", "signal": {"expression": "$close"}})
    (remark,) = remarks_of(spec, figures)
    assert remark.startswith(f"on {figures['short_bars']:.0f} of ")


def test_enough_candidates_count_nothing():
    frame = bars(4)
    metrics = backtest(frame, scores(frame), topk=2, n_drop=1).metrics
    assert dict(metrics.select("name", "value").iter_rows())["short_bars"] == 0
    assert remarks_of(TaskSpec.model_validate({"name": "a", "signal": {"expression": "$close"}}),
                      {"short_bars": 0.0, "bars": 59.0}) == []  # fmt: skip


NONE = pl.lit(None, pl.Float64)
TIMED = {"strategy": "weights", "topk": 1, "positive_only": True}


@pytest.mark.parametrize(
    ("columns", "rules", "key", "why"),
    [
        ({"open": NONE}, {"topk": 1, "deal_price": "open"}, "backtest.deal_price",
         "59 had no price to deal at"),
        ({"volume": pl.lit(0.0)}, {"topk": 1}, "data", "59 had a bar without volume"),
        ({}, {"topk": 1, "account": 20.0}, "backtest.trade_unit", "were for less than a lot"),
        ({}, {"topk": 1, "trade_unit": 100_000}, "backtest.trade_unit", "59 were for less"),
    ],
)  # fmt: skip
def test_a_backtest_that_traded_nothing_says_why(columns, rules, key, why):
    frame = bars(3, **columns)
    with pytest.raises(BadInput, match="traded nothing") as refused:
        backtest(frame, scores(frame), **rules)
    assert why in str(refused.value)
    assert refused.value.place.key == key


def test_a_signal_that_is_never_above_zero_says_so():
    frame = bars(1)
    below = scores(frame).with_columns(score=-pl.col("score").abs())
    with pytest.raises(BadInput, match="none of its 59 decisions chose a symbol"):
        backtest(frame, below, **TIMED)


def test_a_label_that_is_shorter_than_decisions_are_held_is_told():
    def remarks(every, label):
        aggregation = {"every": every} if every else {}
        spec = {"name": "a", "aggregation": aggregation, "signal": {"expression": "$close"}}
        spec["signal"] |= {"label": label} if label else {}
        return remarks_of(TaskSpec.model_validate(spec), {})

    (remark,) = remarks("week", None)
    assert "its label reaches 1 bar" in remark
    assert "`label: Ref($close, -6) / Ref($close, -1) - 1`" in remark
    assert remarks("week", "Ref($close, -6) / Ref($close, -1) - 1") == []
    assert len(remarks("month", "Ref($close, -6) / Ref($close, -1) - 1")) == 1
    assert remarks(None, None) == remarks("day", None) == []
