"""A backtest between the drifts of the market."""

from __future__ import annotations

import polars as pl
import pytest

from tasks.backtest import run_backtest
from tasks.backtest.figures.regimes import by_regime
from taskspecs.schema import BacktestSpec

PACE = {"frequency": "day", "zone": "UTC"}


@pytest.fixture(scope="module")
def equity(random_market):
    return run_backtest(
        *random_market(8, 200, suspended=0.0), BacktestSpec(topk=3), **PACE, engine="fast"
    ).equity


def patterns(*rows):
    names = {"type": pl.String, "ts": pl.Datetime("us", "UTC"), "symbol": pl.String}
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return frame.with_columns(source=pl.lit("$dispersion"))


def test_a_regime_begins_on_the_bar_after_the_drift(equity):
    ts = equity["ts"]
    found = by_regime(
        equity,
        patterns(
            ("drift", ts[60], None), ("drift", ts[65], None), ("anomaly", ts[100], None),
            ("drift", ts[120], "S001"), ("drift", ts[150], None), ("drift", ts[-1], None),
        ),
        **PACE,
    )  # fmt: skip
    assert found["first"].to_list() == [ts[0], ts[61], ts[151]]
    assert found["last"].to_list() == [ts[60], ts[150], ts[-1]]
    assert found["began_with"].to_list() == [None, "$dispersion", "$dispersion"]
    assert found["bars"].sum() == len(equity)
    whole = (1 + found["return"]).product()
    assert whole == pytest.approx((1 + equity["net_return"]).product())
    assert found["cost"].sum() == pytest.approx(equity["cost"].sum())


def test_the_only_symbol_is_the_market_and_one_of_many_is_not(equity):
    ts = equity["ts"]
    alone = patterns(("drift", ts[60], "BTC"), ("anomaly", ts[70], "ETH"))
    assert len(by_regime(equity, alone, **PACE)) == 2
    two = patterns(("drift", ts[60], "BTC"), ("drift", ts[90], "ETH"))
    assert len(by_regime(equity, two, **PACE)) == 1
    assert len(by_regime(equity, patterns(), **PACE)) == 1
    assert by_regime(equity.head(0), patterns(), **PACE).is_empty()
