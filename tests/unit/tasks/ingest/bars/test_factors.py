from __future__ import annotations

from datetime import date

import polars as pl
import pytest

DAYS = [f"2020-01-{day:02}" for day in (2, 3, 6, 7)]


def frame(close, **columns):
    prices = dict.fromkeys(("open", "high", "low", "close"), close)
    return pl.DataFrame({"date": DAYS, **prices, "volume": [100.0] * 4, **columns})


# A split 2:1 before the third day and a dividend after the last one, which halves all adjusted
# closes once more.
CLOSE = [10.0, 12.0, 6.0, 7.0]
ADJUSTED = [2.5, 3.0, 3.0, 3.5]


def test_adjusted_close_is_anchored_at_the_first_bar(ingest):
    bars = ingest(frame(CLOSE, adj_close=ADJUSTED)).bars
    assert bars["factor"].to_list() == [1.0, 1.0, 2.0, 2.0]
    assert bars["close"].to_list() == [10.0, 12.0, 12.0, 14.0]
    assert bars["open"].to_list() == [10.0, 12.0, 12.0, 14.0]
    assert (bars["close"] / bars["factor"]).to_list() == CLOSE
    assert (bars["volume"] * bars["factor"]).to_list() == [100.0] * 4


def test_later_dividends_change_nothing(ingest):
    now = ingest(frame(CLOSE, adj_close=ADJUSTED)).bars
    later = ingest(frame(CLOSE, adj_close=[a * 0.93 for a in ADJUSTED])).bars
    assert now.equals(later) or (now["close"] / later["close"] - 1).abs().max() < 1e-12


def test_rounding_is_no_dividend(ingest):
    noisy = [a * (1 + e) for a, e in zip(ADJUSTED, (0, 1e-13, -1e-8, 1e-7), strict=True)]
    factor = ingest(frame(CLOSE, adj_close=noisy)).bars["factor"]
    assert factor[0] == factor[1] == 1.0
    assert factor[2] == factor[3]


def test_qlib_factor_is_applied_already(ingest):
    bars = ingest(frame([20.0, 24.0, 24.0, 28.0], factor=[2.0, 2.0, 4.0, 4.0])).bars
    assert bars["factor"].to_list() == [1.0, 1.0, 2.0, 2.0]
    assert bars["close"].to_list() == [10.0, 12.0, 12.0, 14.0]
    assert bars["volume"].to_list() == [200.0] * 4


def test_multiplier_is_applied_to_traded_prices(ingest):
    bars = ingest(frame(CLOSE, adj_factor=[3.0, 3.0, 6.0, 6.0])).bars
    assert bars["close"].to_list() == [10.0, 12.0, 12.0, 14.0]


@pytest.mark.parametrize(
    ("close", "columns"),
    [
        (CLOSE, {"adj_close": ADJUSTED}),
        ([20.0, 24.0, 24.0, 28.0], {"factor": [2.0, 2.0, 4.0, 4.0]}),
        (CLOSE, {"adj_factor": [3.0, 3.0, 6.0, 6.0]}),
    ],
)
def test_unadjusted_prices_on_request(ingest, close, columns):
    bars = ingest(frame(close, **columns), adjust=False).bars
    assert bars["close"].to_list() == CLOSE
    assert bars["factor"].to_list() == [1.0] * 4


def test_missing_and_absurd_factors_hold_the_one_before(ingest, counts):
    read = ingest(frame([1.0] * 4, adj_factor=[None, 2.0, float("inf"), 1e30]))
    assert read.bars["factor"].to_list() == [1.0] * 4
    assert counts(read)["unusable_factor"] == 3


def test_anchor_is_each_symbols_first_bar_in_the_period(ingest):
    both = pl.concat(
        frame(CLOSE, adj_close=ADJUSTED).with_columns(symbol=pl.lit(s)) for s in ("A", "B")
    )
    bars = ingest(both, start=date(2020, 1, 6)).bars
    assert bars["factor"].to_list() == [1.0] * 4


def test_rounded_adjusted_closes_are_flagged(ingest, counts):
    read = ingest(frame([10.0] * 4, adj_close=[9.99, 10.0, 9.98, 10.0]))
    assert counts(read)["factor_noise"] == 3


def test_vwap_is_a_price_and_amount_is_money(ingest):
    bars = ingest(frame(CLOSE, adj_close=ADJUSTED, vwap=CLOSE, amount=[5.0] * 4)).bars
    assert bars["vwap"].to_list() == [10.0, 12.0, 12.0, 14.0]
    assert bars["amount"].to_list() == [5.0] * 4


def test_large_moves_are_looked_for_in_adjusted_prices(ingest, counts):
    assert "large_move" not in counts(ingest(frame(CLOSE, adj_close=ADJUSTED)))
    assert counts(ingest(frame(CLOSE)))["large_move"] == 1
