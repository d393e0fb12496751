"""The fast engine trades as qlib does, whatever the market looks like."""

from __future__ import annotations

from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from configs.errors import BadInput
from tasks.backtest import run_backtest
from tasks.backtest.fast.engine import play as fast
from tasks.backtest.fast.shuffling import draws, shuffled
from tasks.backtest.judge.play import play as judge
from tasks.backtest.problem import lay_out_problem
from tasks.backtest.simulation import refuse
from taskspecs.reactions import Scaling, Suspension
from taskspecs.schema import BacktestSpec, CostsSpec

CASES = 240
RELATIVE = 1e-9


@st.composite
def markets(draw):
    """Bars with gaps, jumps, splits, untraded bars and prices of every size; scores with ties."""
    symbols, bars = draw(st.integers(4, 10)), draw(st.integers(8, 30))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spread = draw(st.sampled_from([0.002, 0.03, 0.3]))
    size = (symbols, bars)
    close = 10 ** random.uniform(-1, 3, (symbols, 1)) * np.exp(
        np.cumsum(random.normal(0, spread, size), axis=1)
    )
    factor = np.cumprod(np.where(random.random(size) < 0.05, random.choice([2, 0.7, 3]), 1), axis=1)
    volume = np.where(random.random(size) < draw(st.sampled_from([0, 0.1])), 0.0, 1e5)
    frame = pl.DataFrame(
        {
            "symbol": np.repeat([f"S{n}" for n in range(symbols)], bars),
            "day": np.tile(np.arange(bars), symbols),
            "open": (close * random.normal(1, spread / 3, size).clip(0.5)).ravel(),
            "close": np.where(random.random(size) < 0.03, np.nan, close).ravel(),
            "volume": volume.ravel(),
            "factor": factor.ravel(),
        }
    ).with_columns(
        pl.col("close").fill_nan(None),
        ts=pl.datetime(2020, 1, 6, 21, time_zone="UTC") + pl.duration(days="day"),
    )
    absent, unscored = (draw(st.sampled_from([0.0, 0.1, 0.4])) for _ in range(2))
    kept = frame.filter(pl.Series(random.random(symbols * bars) >= absent))
    decided = pl.Series(random.random(bars) >= draw(st.sampled_from([0.0, 0.0, 0.5])))
    grain = draw(st.sampled_from([2, 1_000_000]))
    scored = kept.filter(
        pl.Series(random.random(kept.height) >= unscored) & decided.gather(kept["day"])
    )
    scores = scored.select(
        "symbol",
        "ts",
        score=pl.Series(random.integers(-grain // 4, grain, scored.height)).cast(pl.Float64),
    )
    return kept.drop("day"), scores.sort("symbol", "ts")


def reactions(draw, kind, scopes, **also):
    if draw(st.booleans()):
        return None
    return kind(
        scope=draw(st.sampled_from(scopes)), bars=draw(st.integers(1, 6)), min_confidence=0.5,
        **{name: draw(values) for name, values in also.items()},
    )  # fmt: skip


@st.composite
def specs(draw, strategy):
    weighted = strategy == "weights"
    topk = draw(st.integers(1, 4))
    rates = st.sampled_from([0.0, 5.0, 90.0])
    own = {
        "topk_dropout": {"hold_bars": st.sampled_from([1, 1, 2, 5])},
        "weights": {
            "weighting": st.sampled_from(["equal", "rank", "proportional"]),
            "max_weight": st.sampled_from([1.0, 0.4, 0.2]),
            "positive_only": st.booleans(),
        },
    }[strategy]
    return BacktestSpec(
        strategy=strategy,
        topk=topk,
        n_drop=draw(st.integers(0, topk)),
        **{name: draw(values) for name, values in own.items()},
        rebalance_bars=draw(st.sampled_from([1, 1, 3])),
        trade_delay_bars=draw(st.sampled_from([1, 1, 2, 4])),
        suspend_on=reactions(
            draw, Suspension, ["market", "symbol"], then=st.sampled_from(["sell", "hold"])
        ),
        scale_on=reactions(
            draw, Scaling, ["market", "symbol"] if weighted else ["market"],
            factor=st.sampled_from([0.0, 0.5]),
        ),
        account=draw(st.sampled_from([40.0, 3_000.0, 1e5, 1e6, 1e9])),
        deal_price=draw(st.sampled_from(["close", "open"])),
        trade_unit=draw(st.sampled_from([1, 1, 7, 100])),
        limit_threshold=draw(st.sampled_from([None, 0.01, 0.1])),
        costs=CostsSpec(
            open_bps=draw(rates), close_bps=draw(rates), slippage_bps=draw(rates),
            min_fee=draw(st.sampled_from([0.0, 5.0, 30.0])),
        ),
    )  # fmt: skip


def found(bars, seed):
    """Patterns here and there, of symbols and of the market."""
    random = np.random.default_rng(seed)
    count = 8
    times = bars["ts"].unique().sort()
    names = [*bars["symbol"].unique().sort(), None]
    return pl.DataFrame(
        {
            "type": ["drift"] * count,
            "ts": times.gather(random.integers(0, len(times), count)),
            "symbol": [names[n] for n in random.integers(-3, len(names), count).clip(-1)],
            "detector": ["adwin"] * count,
            "confidence": random.random(count),
        },
        schema_overrides={"symbol": pl.String},
    )


def problem_of(market, spec):
    try:
        refuse(*market, spec, "UTC")
        return lay_out_problem(*market, spec, "day", "UTC", patterns=found(market[0], 3))
    except BadInput:
        return None  # refused before any engine is asked


def assert_alike(ours, theirs):
    np.testing.assert_allclose(ours.account, theirs.account, rtol=RELATIVE)
    np.testing.assert_allclose(ours.cash, theirs.cash, rtol=RELATIVE, atol=1e-9)
    assert_frame_equal(ours.holdings, theirs.holdings, rel_tol=RELATIVE, abs_tol=0)
    assert_frame_equal(ours.fills, theirs.fills, rel_tol=RELATIVE, abs_tol=0)


@pytest.mark.parametrize("strategy", ["topk_dropout", "weights"])
@given(st.data())
@settings(
    max_examples=CASES, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large,
                           HealthCheck.filter_too_much],
)  # fmt: skip
def test_equals_qlib_on_any_market(strategy, data):
    problem = problem_of(data.draw(markets()), data.draw(specs(strategy)))
    assume(problem is not None)
    assert_alike(fast(problem), judge(problem))


@pytest.mark.parametrize("n_drop", [0, 2, 8])
def test_is_qlib_to_the_last_bit(random_market, n_drop):
    market = random_market(30, 250, suspended=0.1)
    spec = BacktestSpec(topk=8, n_drop=n_drop, limit_threshold=0.06, trade_unit=100)
    problem = lay_out_problem(*market, spec, "day", "UTC")
    ours = fast(problem)
    assert ours.same_bits(judge(problem))
    assert len(ours.fills) >= 8


def test_frames_are_those_of_the_judge(random_market):
    market = random_market(12, 80)
    spec = BacktestSpec(topk=4, n_drop=2)
    ours, theirs = (
        run_backtest(*market, spec, frequency="day", zone="UTC", engine=engine)
        for engine in ("fast", "qlib")
    )
    for name in ("equity", "positions", "trades", "metrics", "by_year"):
        assert_frame_equal(getattr(ours, name), getattr(theirs, name))


def test_no_step_depends_on_later_bars(random_market):
    bars, scores = random_market(12, 60)
    cut = bars["ts"].unique().sort()[40]
    whole, part = (
        run_backtest(b, s, BacktestSpec(topk=4, n_drop=2), frequency="day", zone="UTC",
                     engine="fast")
        for b, s in [(bars, scores), (bars.filter(pl.col("ts") <= cut),
                                      scores.filter(pl.col("ts") <= cut))]
    )  # fmt: skip
    assert_frame_equal(part.equity, whole.equity.filter(pl.col("ts") <= cut))


def test_a_full_purse_without_fees_is_spent_as_qlib_would(table, decide, days):
    """qlib itself divides by the cost ratio, which is zero here."""
    bars = table({"A": [10.0, 10.0], "B": [20.0, 20.0]})
    spec = BacktestSpec(
        topk=2, n_drop=1, account=100.0,
        costs=CostsSpec(open_bps=0, close_bps=0, slippage_bps=0, min_fee=30),
    )  # fmt: skip
    problem = lay_out_problem(bars, decide({days(1)[0]: {"A": 2, "B": 1}}), spec, "day", "UTC")
    journal = fast(problem)
    assert_alike(journal, judge(problem))
    assert journal.fills["value"].to_list() == [40.0]


@pytest.mark.parametrize("weighting", ["equal", "rank", "proportional"])
def test_weights_are_qlibs_to_the_last_bit(random_market, weighting):
    market = random_market(30, 250, suspended=0.1)
    spec = BacktestSpec(
        strategy="weights", topk=12, weighting=weighting, max_weight=0.2, trade_unit=100,
        limit_threshold=0.06, rebalance_bars=5,
    )  # fmt: skip
    problem = lay_out_problem(*market, spec, "day", "UTC")
    ours = fast(problem)
    assert ours.same_bits(judge(problem))
    assert ours.fills["bought"].sum() > 100


@given(st.integers(0, 700))
@settings(deadline=None)
def test_orders_are_shuffled_as_python_shuffles(size):
    expected = list(range(size))
    Random(0).shuffle(expected)
    assert shuffled(np.arange(size), draws(size)).tolist() == expected


class CostsWithBorrow(CostsSpec):
    borrow_bps: float = 0.0


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"strategy": "long_short"}, "does not cover backtest.strategy 'long_short'"),
        ({"costs": CostsWithBorrow(borrow_bps=3)}, r"not cover backtest.costs.borrow_bps 3.0"),
    ],
)
def test_refuses_what_it_does_not_cover(random_market, change, what):
    spec = BacktestSpec(topk=2).model_copy(update=change)
    with pytest.raises(BadInput, match=what):
        run_backtest(*random_market(5, 20), spec, frequency="day", zone="UTC", engine="fast")
