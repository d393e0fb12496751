"""The table of metrics, and the years."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tasks.backtest import by_year, figures, measure, run_backtest
from tasks.backtest.market.periods import bars_a_year
from taskspecs.schema import BacktestSpec


@pytest.fixture(scope="module")
def result(random_market):
    bars, scores = random_market(12, 600)
    return run_backtest(bars, scores, BacktestSpec(topk=4), frequency="day", zone="UTC")


def values(table):
    return dict(table.select("name", "value").iter_rows())


def test_every_figure_says_what_it_is(result):
    table = result.metrics
    assert table["name"].is_unique().all()
    assert table.filter((pl.col("unit") == "") | (pl.col("note") == "")).is_empty()
    assert not table["value"].is_null().any()
    units = {"fraction", "ratio", "bars", "days", "money", "count"}
    assert set(table["unit"]) <= units


def test_every_figure_is_explained(result):
    ic = pl.DataFrame({"ic": [0.1, 0.3, 0.2], "rank_ic": [0.1, 0.3, 0.2]})
    names = set(measure(result.equity, frequency="day", zone="UTC", ic=ic)["name"])
    page = (Path(figures.__file__).parent / "README.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", page, re.MULTILINE))))
    assert told == names | set(result.metrics["name"])


def test_figures_that_are_sums(result):
    found, equity = values(result.metrics), result.equity
    before = equity["account"] / (1 + equity["net_return"])
    assert before[0] == pytest.approx(1_000_000)
    assert found["bars"] == len(equity)
    assert found["final_account"] == equity["account"][-1]
    assert found["total_return"] == pytest.approx(equity["account"][-1] / 1e6 - 1)
    assert found["max_drawdown"] == pytest.approx(equity["drawdown"].min())
    assert found["total_cost"] == pytest.approx((equity["cost"] * before).sum())
    assert found["fees"] == pytest.approx(result.trades["fee"].sum())
    assert found["turnover"] * len(equity) == pytest.approx(equity["turnover"].sum())
    assert found["annual_turnover"] == pytest.approx(found["turnover"] * 252)
    assert found["calmar"] == pytest.approx(found["annual_return"] / -found["max_drawdown"])
    assert found["excess_annual_return"] == pytest.approx(
        found["annual_return"] - found["benchmark_annual_return"]
    )
    assert found["hit_rate"] == pytest.approx((equity["net_return"] > 0).mean())
    regression = found["beta"] * equity["benchmark_return"].mean() * 252 + found["alpha"]
    assert regression == pytest.approx(equity["net_return"].mean() * 252)
    weights = result.positions.group_by("ts").agg(pl.col("weight").sum())["weight"].sum()
    assert found["exposure"] == pytest.approx(weights / len(equity))


def test_information_coefficient_joins_the_table(result):
    ic = pl.DataFrame({"ts": result.equity["ts"][:4], "ic": [0.1, 0.2, 0.3, 0.2]}).with_columns(
        rank_ic=pl.col("ic"), n=pl.lit(12, pl.Int64)
    )
    table = measure(result.equity, frequency="day", zone="UTC", ic=ic)
    assert values(table)["ic_mean"] == pytest.approx(0.2)
    assert "trades" not in values(table)


def equity_of(returns, ts):
    account = 100 * np.cumprod(1 + np.array(returns))
    zeros = [0.0] * len(returns)
    return pl.DataFrame(
        {
            "ts": ts, "account": account, "cash": zeros, "position_value": account,
            "gross_return": returns, "net_return": returns, "benchmark_return": zeros,
            "turnover": zeros, "cost": zeros, "drawdown": zeros, "holdings": [1] * len(returns),
        },
        schema_overrides={"ts": pl.Datetime("us", "UTC")},
    )  # fmt: skip


def test_length_of_the_drawdown():
    ts = [datetime(2024, 1, d, tzinfo=UTC) for d in (2, 3, 4, 5, 8, 9)]
    table = measure(equity_of([0.1, -0.2, 0.1, 0.05, 0.2, 0.1], ts), frequency="day", zone="UTC")
    found = values(table)
    assert found["max_drawdown"] == pytest.approx(-0.2)
    assert found["max_drawdown_bars"] == 4
    assert found["max_drawdown_days"] == 6
    note = table.filter(name="max_drawdown")["note"][0]
    assert "peak 2024-01-02, trough 2024-01-03, recovered 2024-01-08" in note
    never = measure(equity_of([0.1, -0.2, 0.1], ts[:3]), frequency="day", zone="UTC")
    assert "not recovered by 2024-01-04" in never.filter(name="max_drawdown")["note"][0]
    risen = measure(equity_of([0.1, 0.0, 0.1], ts[:3]), frequency="day", zone="UTC")
    assert values(risen)["max_drawdown"] == 0
    assert values(risen)["calmar"] is None


def test_years_chain_to_the_whole(result):
    years = result.by_year
    found = values(result.metrics)
    assert years["year"].to_list() == [2013, 2014, 2015]
    assert years["bars"].sum() == found["bars"]
    assert (1 + years["return"]).product() - 1 == pytest.approx(found["total_return"])
    assert years["turnover"].sum() == pytest.approx(found["turnover"] * found["bars"])
    assert years["max_drawdown"].min() >= found["max_drawdown"]


def test_years_are_counted_in_the_zone():
    ts = [datetime(2023, 12, 31, 20, tzinfo=UTC), datetime(2024, 1, 2, 20, tzinfo=UTC)]
    equity = equity_of([0.1, 0.2], ts)
    assert by_year(equity, zone="UTC")["year"].to_list() == [2023, 2024]
    assert by_year(equity, zone="Asia/Tokyo")["year"].to_list() == [2024]
    assert by_year(equity, zone="UTC")["sharpe"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("frequency", "weekdays", "bars_a_day", "expected"),
    [
        ("day", 5, 1, 252),
        ("day", 6, 1, 313),
        ("day", 7, 1, 365),
        ("week", 5, 1, 52),
        ("month", 5, 1, 12),
        ("1h", 5, 7, 7 * 252),
        ("1h", 7, 24, 24 * 365),
    ],
)
def test_bars_of_a_year(frequency, weekdays, bars_a_day, expected):
    monday = datetime(2024, 1, 1, tzinfo=UTC)
    days = [monday + timedelta(days=d) for d in range(60)]
    ts = [
        day + timedelta(hours=hour)
        for day in days
        if day.weekday() < weekdays
        for hour in range(bars_a_day)
    ]
    rule = bars_a_year(pl.Series(ts), frequency, "UTC")
    assert rule.bars == expected
    assert str(round(rule.bars if bars_a_day == 1 else rule.bars / bars_a_day)) in rule.rule


def test_a_rare_session_at_a_weekend_does_not_make_a_market_that_never_closes():
    days = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=d) for d in range(100)]
    ts = [day for day in days if day.weekday() < 5 or day.day == 6]
    assert bars_a_year(pl.Series(ts), "day", "UTC").bars == 252
