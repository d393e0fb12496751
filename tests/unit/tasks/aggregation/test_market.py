from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from tasks.aggregation.correlation import average_correlation
from tasks.aggregation.market import CORRELATION_BARS, SCHEMA, market_series


def bars(**closes: list[float | None]) -> pl.DataFrame:
    days = [
        datetime(2024, 1, day + 1, 21, tzinfo=UTC)
        for day in range(len(next(iter(closes.values()))))
    ]
    return pl.concat(
        pl.DataFrame(
            {"symbol": symbol, "ts": days, "close": pl.Series(values, dtype=pl.Float64)},
            schema_overrides={"symbol": pl.String, "ts": pl.Datetime("us", "UTC")},
        )
        for symbol, values in closes.items()
    )


def test_by_hand() -> None:
    market = market_series(bars(A=[100, 110], B=[100, 90], C=[100, 100], D=[50, 60]))
    assert market.schema == SCHEMA
    assert market.row(0)[1:] == (None, None, None, None)
    returns = [0.1, -0.1, 0.0, 0.2]
    row = market.row(1, named=True)
    assert row["equal_weight_return"] == pytest.approx(np.mean(returns))
    assert row["breadth"] == 0.5
    assert row["dispersion"] == pytest.approx(np.std(returns, ddof=1))
    assert row["average_correlation"] is None


def test_a_symbol_comes_back_with_its_second_bar_after_a_gap() -> None:
    market = market_series(bars(A=[100, 101, 102.01, 103.0301], B=[100, None, 300, 600]))
    assert market["equal_weight_return"].to_list() == pytest.approx(
        [None, 0.01, 0.01, 0.505], abs=1e-12
    )
    assert market["dispersion"].null_count() == 3


def test_closes_that_cannot_be_prices_count_as_none() -> None:
    market = market_series(bars(A=[100, 101, 102], B=[100, 0, float("nan")]))
    assert market["breadth"].to_list() == [None, 1.0, 1.0]


def test_average_correlation_is_the_mean_of_the_matrix(make_bars) -> None:
    prices = make_bars(symbols=6, days=100, missing=0.0)
    market = market_series(prices)
    wide = prices.pivot(on="symbol", index="ts", values="close").drop("ts").to_numpy()
    returns = wide[1:] / wide[:-1] - 1
    for last in (CORRELATION_BARS, 99):
        matrix = np.corrcoef(returns[last - CORRELATION_BARS : last], rowvar=False)
        expected = matrix[np.triu_indices(6, 1)].mean()
        assert market["average_correlation"][last] == pytest.approx(expected, abs=1e-12)
    assert market["average_correlation"].null_count() == CORRELATION_BARS


def test_series_agree_with_pandas(make_bars) -> None:
    prices = make_bars(symbols=8, days=90, missing=0.1)
    market = market_series(prices)
    wide = prices.pivot(on="symbol", index="ts", values="close").sort("ts").drop("ts").to_pandas()
    returns = wide.pct_change(fill_method=None)
    expected = {
        "equal_weight_return": returns.mean(axis=1),
        "breadth": (returns > 0).sum(axis=1) / returns.count(axis=1),
        "dispersion": returns.std(axis=1),
    }
    for name, series in expected.items():
        ours = market[name].fill_null(np.nan).to_numpy()
        np.testing.assert_allclose(ours, series.to_numpy(), rtol=1e-9, atol=1e-15)
    shuffled = prices.sample(fraction=1.0, shuffle=True, seed=3)
    assert market_series(shuffled).equals(market)


def test_symbols_with_gaps_or_without_movement_take_no_part() -> None:
    rng = np.random.default_rng(0)
    returns = rng.normal(size=(12, 4))
    returns[5, 2] = np.nan
    returns[:, 3] = 0.01
    assert average_correlation(returns, 12)[-1] == pytest.approx(
        np.corrcoef(returns[:, 0], returns[:, 1])[0, 1], abs=1e-12
    )
    assert np.isnan(average_correlation(returns[:, 1:], 12)[-1])


def test_no_bars_no_market() -> None:
    assert market_series(bars(A=[])).schema == SCHEMA
