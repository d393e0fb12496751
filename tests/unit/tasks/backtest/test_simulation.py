"""Backtests that can be followed on paper."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from configs.errors import BadInput
from tasks.backtest import run_backtest
from taskspecs.schema import BacktestSpec, CostsSpec

FREE = CostsSpec(open_bps=0, close_bps=0, min_fee=0, slippage_bps=0)
FEES = CostsSpec(open_bps=10, close_bps=20, min_fee=5, slippage_bps=0)
ONE = {"topk": 1, "n_drop": 1, "account": 10_000.0}
CLOSES = {"A": [10.0, 10.0, 11.0, 12.0], "B": [20.0, 20.0, 20.0, 25.0]}


@pytest.fixture
def small(table, decide, days):
    first, second, third, _ = days(4)
    likes_a, likes_b = {"A": 2, "B": 1}, {"A": 1, "B": 2}
    return table(CLOSES), decide({first: likes_a, second: likes_a, third: likes_b})


def trade(bars, scores, frequency="day", zone="UTC", **spec):
    return run_backtest(bars, scores, BacktestSpec(**spec), frequency=frequency, zone=zone)


def test_account_on_paper(small, days):
    result = trade(*small, **ONE, costs=FEES)
    # day 2: 95 % of 10 000 buys 950 A at 10; fee 10 bps of 9 500
    cash_2 = 10_000 - 9_500 - 9.5
    # day 4: 950 A sold at 12, fee 20 bps; 95 % of the cash buys 451 B at 25 (450.97 + 0.1 lots)
    cash_4 = cash_2 + 11_400 - 22.8
    assert int(cash_4 * 0.95 / 25 + 0.1) == 451
    cash_4 -= 11_275 + 11.275
    equity = result.equity
    assert equity["ts"].to_list() == days(4)[1:]
    assert equity["account"].to_list() == pytest.approx(
        [cash_2 + 9_500, cash_2 + 950 * 11, cash_4 + 11_275], abs=1e-9
    )
    assert equity["cash"].to_list() == pytest.approx([cash_2, cash_2, cash_4], abs=1e-9)
    assert equity["position_value"].to_list() == pytest.approx([9_500, 10_450, 11_275])
    assert equity["turnover"].to_list() == pytest.approx([0.95, 0, 22_675 / 10_940.5])
    assert equity["cost"].to_list() == pytest.approx([9.5 / 10_000, 0, 34.075 / 10_940.5])
    assert equity["holdings"].to_list() == [1, 1, 1]
    assert equity["benchmark_return"].to_list() == pytest.approx([0, 0.05, (1 / 11 + 0.25) / 2])
    assert equity["drawdown"].to_list() == pytest.approx([-9.5 / 10_000, 0, 0])
    net = (pl.col("gross_return") - pl.col("cost")).alias("net_return")
    assert_frame_equal(equity.select("net_return"), equity.select(net))
    assert result.trades.select("symbol", "side", "shares", "price", "fee").rows() == [
        ("A", "buy", 950.0, 10.0, pytest.approx(9.5)),
        ("A", "sell", 950.0, 12.0, pytest.approx(22.8)),
        ("B", "buy", 451.0, 25.0, pytest.approx(11.275)),
    ]


def test_least_fee(small):
    result = trade(*small, **ONE, costs=FEES.model_copy(update={"min_fee": 100.0}))
    assert result.trades["fee"].to_list() == [100.0, 100.0, 100.0]
    assert result.equity["account"][0] == pytest.approx(9_900)


def test_slippage_is_paid_on_both_sides_on_top_of_fees(small):
    result = trade(*small, **ONE, costs=FEES.model_copy(update={"slippage_bps": 100.0}))
    bought, sold, _ = result.trades.iter_rows(named=True)
    assert bought["price"] == pytest.approx(10.1)
    assert bought["shares"] == 940
    assert bought["slippage"] == pytest.approx(940 * 0.1)
    assert bought["fee"] == pytest.approx(940 * 10.1 * 0.001)
    assert sold["price"] == pytest.approx(12 * 0.99)
    assert sold["slippage"] == pytest.approx(940 * 0.12)
    assert sold["fee"] == pytest.approx(940 * 12 * 0.99 * 0.002)
    assert result.equity["account"][0] == pytest.approx(10_000 - 94 - 9.494)
    assert result.equity["gross_return"][0] == pytest.approx(0, abs=1e-12)
    metrics = dict(result.metrics.select("name", "value").iter_rows())
    assert metrics["total_cost"] == pytest.approx(metrics["fees"] + metrics["slippage"])


def test_open_prices_are_dealt_and_closes_valued(small):
    bars, scores = small
    opened = bars.with_columns(open=pl.col("close") - 2)
    result = trade(opened, scores, **ONE, costs=FREE, deal_price="open")
    assert result.trades["price"].to_list() == [8.0, 10.0, 23.0]
    assert result.equity["account"][0] == pytest.approx(10_000 + 2 * int(9_500 / 8 + 0.1))


@pytest.mark.parametrize("how", ["absent", "null", "untraded", "volume_unknown"])
def test_suspended_shares_stay(small, days, how):
    bars, scores = small
    last = (pl.col("symbol") == "A") & (pl.col("ts") == days(4)[-1])

    def blank(*names, value=None):
        return bars.with_columns(
            pl.when(last).then(pl.lit(value)).otherwise(pl.col(n)).alias(n) for n in names
        )

    suspended = {
        "absent": lambda: bars.filter(~last),
        "null": lambda: blank("open", "close", "volume"),
        "untraded": lambda: blank("volume", value=0.0),
        "volume_unknown": lambda: blank("volume"),
    }[how]()
    result = trade(suspended, scores, **ONE, costs=FREE)
    final = result.positions.filter(pl.col("ts") == days(4)[-1])
    price = 11.0 if how in {"absent", "null"} else 12.0  # an untraded close is still a valuation
    assert final.select("symbol", "shares", "price").rows() == [
        ("A", 950.0, price),
        ("B", 19.0, 25.0),  # 95 % of the 500 left
    ]


def test_unknown_volume_is_no_suspension_where_volume_was_never_known(small):
    bars, scores = small
    unknown = bars.with_columns(volume=pl.lit(None, pl.Float64))
    expected = trade(bars, scores, **ONE)
    assert_frame_equal(trade(unknown, scores, **ONE).equity, expected.equity)


def test_price_limit(table, decide, days):
    first, second, third, _ = days(4)
    bars = table({"A": [10.0, 11.0, 11.0, 11.0], "B": [20.0, 20.0, 20.0, 20.0]})
    scores = decide({d: {"A": 2, "B": 1} for d in (first, second, third)})
    free = trade(bars, scores, **ONE, costs=FREE)
    assert free.trades["ts"].to_list() == [second]
    limited = trade(bars, scores, **ONE, costs=FREE, limit_threshold=0.095)
    assert limited.trades["ts"].to_list() == [third]


def test_limit_of_an_intraday_bar_is_held_against_the_day_before(table, decide):
    start = datetime(2013, 1, 2, 15, tzinfo=UTC)
    times = [start + timedelta(days=d, hours=h) for d in (0, 1) for h in range(3)]
    bars = table({"A": [10.0, 10.0, 10.0, 10.6, 11.2, 11.2], "B": [20.0] * 6}, times)
    scores = decide({times[3]: {"A": 2, "B": 1}, times[4]: {"A": 2, "B": 1}})
    limited = trade(bars, scores, "1h", **ONE, costs=FREE, limit_threshold=0.1)
    assert limited.trades.is_empty()
    assert trade(bars, scores, "1h", **ONE, costs=FREE, limit_threshold=0.13).trades.height == 1


def test_nothing_is_traded_after_a_bar_without_scores(table, decide, days):
    times = days(12)
    bars = table({"A": [10.0 + n for n in range(12)], "B": [20.0 - n for n in range(12)]})
    weekly = {times[2]: {"A": 2, "B": 1}, times[7]: {"A": 1, "B": 2}}
    result = trade(bars, decide(weekly), **ONE)
    assert result.trades["ts"].unique().sort().to_list() == [times[3], times[8]]
    assert result.equity["ts"].to_list() == times[3:]


def test_a_score_on_the_last_bar_is_not_traded_and_the_last_bar_is_reached(small, decide, days):
    bars, scores = small
    more = pl.concat([scores, decide({days(4)[-1]: {"A": 9, "B": 1}})])
    expected = trade(bars, scores, **ONE)
    assert_frame_equal(trade(bars, more, **ONE).equity, expected.equity)
    assert expected.equity["ts"][-1] == days(4)[-1]


def test_period(small, days):
    times = days(4)
    result = trade(*small, **ONE, start=times[2].date(), end=times[3].date())
    assert result.equity["ts"].to_list() == times[2:4]
    alone = trade(*small, **ONE, start=times[0].date() - timedelta(days=9), end=times[1].date())
    assert alone.equity["ts"].to_list() == times[1:2]


def test_benchmark_of_one_symbol(small):
    result = trade(*small, **ONE, benchmark="B")
    assert result.equity["benchmark_return"].to_list() == pytest.approx([0, 0, 0.25])


def test_nothing_may_be_dropped(table, decide, days):
    times = days(6)
    bars = table({"A": [10.0] * 6, "B": [20.0] * 6})
    turn = [{"A": 1, "B": 2}, {"A": 2, "B": 1}]
    scores = decide({ts: turn[n % 2] for n, ts in enumerate(times)})
    result = trade(bars, scores, topk=1, n_drop=0)
    assert result.trades.select("symbol", "side").rows() == [("B", "buy")]


def test_ties_are_broken_by_name(table, decide, days):
    bars = table({name: [10.0, 10.0] for name in "EDCBA"})
    result = trade(bars, decide({days(2)[0]: dict.fromkeys("CEBDA", 1.0)}), topk=2)
    assert result.positions["symbol"].to_list() == ["A", "B"]


def test_lots_are_counted_in_traded_shares(small):
    bars, scores = small
    split = bars.with_columns(pl.col("open", "close") / 2, factor=pl.lit(0.5))
    result = trade(split, scores, **ONE, costs=FREE, trade_unit=100)
    assert result.trades["shares"].to_list() == pytest.approx([900, 900, 400])
    assert result.trades["price"].to_list() == [10.0, 12.0, 25.0]
    assert result.positions["price"].to_list() == [10.0, 11.0, 25.0]
    assert (result.positions["shares"] * result.positions["price"]).to_list() == pytest.approx(
        result.positions["value"].to_list()
    )


def test_days_of_markets_in_different_zones_are_one_step(small):
    bars, scores = small
    early = pl.when(pl.col("symbol") == "B").then(pl.duration(hours=-6)).otherwise(pl.duration())
    shifted = [frame.with_columns(ts=pl.col("ts") + early) for frame in (bars, scores)]
    assert_frame_equal(trade(*shifted, **ONE).equity, trade(*small, **ONE).equity)


@pytest.mark.parametrize("frequency", ["1min", "1h", "week", "month"])
def test_other_frequencies_trade_alike(small, frequency, days):
    pace = {"1min": "1m", "1h": "1h", "week": "1w", "month": "1mo"}[frequency]
    times = dict(enumerate(days(4)))
    moved = {ts: pl.Series([times[0]]).dt.offset_by(f"{n}{pace[1:]}")[0] for n, ts in times.items()}
    bars, scores = (
        frame.with_columns(pl.col("ts").replace_strict(moved, return_dtype=frame["ts"].dtype))
        for frame in small
    )
    result = trade(bars, scores, frequency, **ONE)
    expected = trade(*small, **ONE)
    assert_frame_equal(result.equity.drop("ts"), expected.equity.drop("ts"))
    assert result.equity["ts"].to_list() == list(moved.values())[1:]


def test_progress(small):
    seen: list[float] = []
    run_backtest(*small, BacktestSpec(topk=1), frequency="day", zone="UTC", on_progress=seen.append)
    assert seen == pytest.approx([1 / 3, 2 / 3, 1])


def test_a_suspended_benchmark_catches_up(table, decide, days):
    times = days(4)
    bars = table({"A": [10.0] * 4, "B": [20.0, None, 25.0, 25.0]})
    result = trade(bars, decide({times[0]: {"A": 2, "B": 1}}), topk=1, benchmark="B")
    assert result.equity["benchmark_return"].to_list() == pytest.approx([0, 0.25, 0])


def test_input_is_left_as_it_is(small):
    bars, scores = small
    before = bars.clone(), scores.clone()
    trade(bars, scores, **ONE)
    assert_frame_equal(bars, before[0])
    assert_frame_equal(scores, before[1])


def test_no_row_depends_on_later_bars(random_market):
    bars, scores = random_market(12, 60)
    spec = {"topk": 4, "n_drop": 2, "limit_threshold": 0.05}
    cut = bars["ts"].unique().sort()[40]
    whole = trade(bars, scores, **spec)
    known = pl.col("ts") <= cut
    part = trade(bars.filter(known), scores.filter(known), **spec)
    for name in ("equity", "positions", "trades"):
        assert_frame_equal(getattr(part, name), getattr(whole, name).filter(known))


def test_nulls_and_nans_do_not_leave(random_market):
    result = trade(*random_market(8, 50), topk=3)
    for frame in (result.equity, result.positions, result.trades):
        assert frame.null_count().sum_horizontal()[0] == 0
        assert not frame.select(pl.col(pl.Float64).is_nan().any()).row(0).count(True)


def test_refuses_a_factor_that_is_missing(small):
    bars, scores = small
    with pytest.raises(BadInput, match="has the factor None"):
        trade(bars.with_columns(factor=pl.lit(None, pl.Float64)), scores, **ONE)


def test_refuses_a_frequency_that_does_not_fit(small):
    with pytest.raises(BadInput, match="more than one bar in the month"):
        trade(*small, "month", **ONE)


def test_refuses_a_daily_limit_on_weekly_bars(table, decide, days):
    bars = table({"A": [10.0, 10.0], "B": [10.0, 10.0]}, [days(1)[0], days(6)[5]])
    scores = decide({days(1)[0]: {"A": 2, "B": 1}})
    with pytest.raises(BadInput, match="a limit of one day"):
        trade(bars, scores, "week", topk=1, limit_threshold=0.1)


def test_refuses_when_no_bar_is_left(small, days):
    with pytest.raises(BadInput, match="no bar is left"):
        trade(*small, **ONE, end=days(1)[0].date())


def test_refuses_scores_between_bars(small, decide, days):
    stray = decide({days(1)[0] + timedelta(days=3, hours=1): {"A": 2, "B": 1}})
    with pytest.raises(BadInput, match="at a time of no bar"):
        trade(small[0], stray, **ONE)


def test_refuses_two_scores_at_once(small):
    bars, scores = small
    with pytest.raises(BadInput, match="two scores"):
        trade(bars, pl.concat([scores, scores]), **ONE)


def test_refuses_an_empty_market(small):
    bars, scores = small
    with pytest.raises(BadInput, match="no bars"):
        trade(bars.clear(), scores, **ONE)


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        ({"topk": 3}, "only 2 symbols"),
        ({"topk": 1, "benchmark": "Bb"}, "did you mean 'B'"),
        ({"topk": 1, "start": date(2020, 1, 1)}, "has no bars"),
        ({"topk": 1, "end": date(2000, 1, 1)}, "has no bars"),
    ],
)
def test_refuses_the_impossible(small, spec, what):
    with pytest.raises(BadInput, match=what):
        trade(*small, **spec)


def test_refuses_scores_that_cannot_be_traded(small, decide, days):
    bars, scores = small
    with pytest.raises(BadInput, match="no scores"):
        trade(bars, scores.clear(), **ONE)
    with pytest.raises(BadInput, match="no bars of C"):
        trade(bars, decide({days(1)[0]: {"A": 1, "C": 2}}), **ONE)
    with pytest.raises(BadInput, match="scores only 1 symbol"):
        trade(bars, decide({days(1)[0]: {"A": 1}}), **ONE)
