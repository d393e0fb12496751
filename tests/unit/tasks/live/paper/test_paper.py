"""Paper: what was published is traded, what differs from the backtest is attributed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from configs.errors import Damaged
from tasks.ingest.origin.marks import still_there, take_marks
from tasks.live.paper.account import as_they_came, targets, trade
from tasks.live.paper.divergence import follow
from tasks.live.paper.inputs import input_drift, stability_index, stale_hours
from tasks.live.paper.published import all_scores, decision, path_of, read_published
from tasks.live.paper.timeliness import in_time
from taskspecs.schema import TaskSpec

DAYS, SYMBOLS = 40, ("A", "B", "C", "D")
FIRST = datetime(2026, 1, 1, 21, tzinfo=UTC)
SPEC = TaskSpec.model_validate(
    {
        "name": "study", "signal": {"expression": "$close"},
        "backtest": {"topk": 2, "n_drop": 1, "account": 1e6},
    }
)  # fmt: skip
AFTER = timedelta(hours=1)
CODE = "c" * 64


@pytest.fixture(scope="module")
def bars() -> pl.DataFrame:
    noise = np.random.default_rng(7).normal(0, 0.02, size=(len(SYMBOLS), DAYS))
    prices = 100 * np.exp(noise.cumsum(axis=1))
    return pl.concat(
        pl.DataFrame(
            {
                "symbol": symbol,
                "ts": [FIRST + timedelta(days=day) for day in range(DAYS)],
                "open": prices[row], "high": prices[row], "low": prices[row],
                "close": prices[row], "volume": 1e6, "factor": 1.0,
            },
            schema_overrides={"ts": pl.Datetime("us", "UTC")},
        )
        for row, symbol in enumerate(SYMBOLS)
    ).sort("symbol", "ts")  # fmt: skip


@pytest.fixture(scope="module")
def scores(bars) -> pl.DataFrame:
    draw = np.random.default_rng(8).normal(size=len(bars))
    return bars.select("symbol", "ts", score=pl.Series(draw))


def publish(bars, scores, day, *, late=AFTER, code=CODE):
    """Return what a run would publish that sees bars up to a day."""
    ts = FIRST + timedelta(days=day)
    seen = pl.col("ts") <= ts
    return decision(
        bars.filter(seen), scores.filter(seen), now=ts + late, run_id=f"r{day}", code=code
    )


@pytest.fixture(scope="module")
def published(bars, scores):
    return [publish(bars, scores, day) for day in range(10, DAYS)]


def followed(published, bars, scores, **more):
    return follow(published, bars, scores, SPEC, code=CODE, **more)


def test_what_is_published_is_kept_and_read_back(published):
    one = published[3]
    again = read_published(one.to_bytes(), one.published_at)
    assert again.to_bytes() == one.to_bytes()
    assert again.scores.equals(one.scores.select("symbol", "score", "ts"))
    assert path_of("a@1", one.ts, "f" * 64).startswith("signals/a@1/20260114T21")
    for bad in (b"", b"{}", b"[]", one.to_bytes().replace(b'"A"', b"[1]")):
        with pytest.raises(Damaged):
            read_published(bad, FIRST)


def test_scores_that_are_not_of_the_last_bar_are_no_decision(bars, scores):
    old = scores.filter(pl.col("ts") < scores["ts"].max())
    assert decision(bars, old, now=FIRST, run_id="r", code=CODE) is None
    assert decision(bars, scores.clear(), now=FIRST, run_id="r", code=CODE) is None


def test_a_faithful_paper_account_is_the_backtest(published, bars, scores):
    result = followed(published, bars, scores)
    since = scores.filter(pl.col("ts") >= published[0].ts)
    backtest = trade(bars, since, SPEC, None)
    assert result.account.equity.equals(backtest.equity)
    figures = result.figures()
    assert figures["paper_bars"] == DAYS - 11
    assert figures["divergence"] == 0.0
    assert figures["paper_return"] == backtest.equity["account"][-1] / 1e6 - 1
    assert figures["drawdown"] == -backtest.equity["drawdown"].min()


def parts(result):
    figures = result.figures()
    found = {n: figures[f"divergence_{n}"] for n in ("fill", "timing", "signal", "data")}
    assert sum(found.values()) == pytest.approx(result.paper - result.backtest, abs=1e-12)
    return {name for name, part in found.items() if abs(part) > 1e-9}


def test_missed_and_late_signals_are_timing(published, bars, scores):
    missed = [one for number, one in enumerate(published) if number % 5]
    assert parts(followed(missed, bars, scores)) == {"timing"}
    late = [publish(bars, scores, day, late=timedelta(hours=30)) for day in range(10, 20)]
    assert parts(followed([*late, *published[10:]], bars, scores)) == {"timing"}


def test_prices_revised_after_the_deal_are_fills(published, bars, scores):
    day = FIRST + timedelta(days=15)
    revised = bars.with_columns(
        close=pl.when(pl.col("ts") == day).then(pl.col("close") * 1.01).otherwise("close")
    )
    assert parts(followed(published, revised, scores)) == {"fill"}


def turned(scores):
    return scores.with_columns(score=-pl.col("score"))


def test_scores_that_came_out_otherwise_are_data_with_the_same_code(published, bars, scores):
    assert parts(followed(published, bars, turned(scores))) == {"data"}


def test_scores_that_came_out_otherwise_are_signal_with_other_code(published, bars, scores):
    other = [publish(bars, scores, day, code="d" * 64) for day in range(10, DAYS)]
    assert parts(followed(other, bars, turned(scores))) == {"signal"}


def test_before_the_first_deal_nothing_is_known(bars, scores):
    assert followed([], bars, scores).figures() == {"paper_bars": 0.0}
    newest = [publish(bars, scores, DAYS - 1)]
    assert followed(newest, bars, scores).figures() == {"paper_bars": 0.0}


def test_in_time_is_before_the_deal(bars, scores):
    def kept(late, **rules):
        backtest = SPEC.backtest.model_copy(update=rules)
        one = publish(bars, scores, 20, late=late)
        return bool(in_time([one], bars, backtest, "day", "America/New_York"))

    assert kept(timedelta(hours=23, minutes=59))
    assert not kept(timedelta(hours=24))
    assert kept(timedelta(hours=47), trade_delay_bars=2)
    assert kept(timedelta(hours=7), deal_price="open")  # 04:00 UTC is 23:00 in New York
    assert not kept(timedelta(hours=8, minutes=1), deal_price="open")


def test_a_signal_of_a_bar_that_is_gone_is_not_traded(published, bars):
    shorter = bars.filter(pl.col("ts") != published[2].ts)
    rules = SPEC.backtest
    assert published[2] not in in_time(published, shorter, rules, "day", "America/New_York")
    newest_gone = bars.filter(pl.col("ts") != published[-1].ts)
    known = [one for one in published if one.ts != published[-1].ts]
    scores = all_scores(known)
    assert followed(published, newest_gone, scores).figures() == (
        followed(known, newest_gone, scores).figures()
    )


def test_targets_are_what_the_next_deal_brings(published, bars, scores):
    day = 25
    ts = FIRST + timedelta(days=day)
    known = [one.scores for one in published if one.ts <= ts]
    weights = targets(bars.filter(pl.col("ts") <= ts), pl.concat(known), SPEC, None)
    assert len(weights) == SPEC.backtest.topk
    since = scores.filter(pl.col("ts").is_between(published[0].ts, ts))
    then = trade(bars.filter(pl.col("ts") <= ts + timedelta(days=1)), since, SPEC, None)
    held = then.positions.filter(pl.col("ts") == ts + timedelta(days=1))
    assert weights["symbol"].to_list() == held["symbol"].sort().to_list()
    assert weights["weight"].sum() == pytest.approx(held["weight"].sum(), abs=0.02)


def test_prices_as_they_came_replace_those_of_their_bar_only(published, bars):
    quotes = published[5].quotes.with_columns(close=pl.lit(1.0))
    seen = as_they_came(bars, quotes)
    changed = seen.filter(pl.col("close") == 1.0)
    assert changed["ts"].unique().to_list() == [published[5].ts]
    assert seen.columns == bars.columns
    assert len(seen) == len(bars)


def test_drift_of_inputs_is_seen_where_there_is_enough_of_them(bars):
    rng = np.random.default_rng(3)
    calm, wild = rng.normal(0, 0.01, 900), rng.normal(0, 0.05, 900)
    closes = 100 * np.exp(np.concatenate([calm, wild]).cumsum())
    ts = [FIRST + timedelta(hours=n) for n in range(1_800)]
    long = pl.DataFrame({"symbol": "A", "ts": ts, "close": closes})
    assert input_drift(long, ts[899]) > 0.25
    assert input_drift(long.head(900), ts[449]) < 0.1
    assert input_drift(bars, FIRST + timedelta(days=20)) is None
    assert stability_index(calm, np.full(900, np.nan)) is None


SEEN = FIRST + timedelta(days=20)
CHANGES = {
    "a symbol that is gone": pl.col("symbol") != "B",
    "a day that is gone": pl.col("ts") != FIRST + timedelta(days=3),
}


def test_revisions_are_told_from_additions(bars):
    marks = take_marks(bars.filter(pl.col("ts") <= SEEN))
    assert still_there(marks, bars, until=SEEN)
    for change in CHANGES.values():
        assert still_there(marks, bars.filter(change), until=SEEN) is False
    for column in ("open", "close", "volume", "factor"):
        revised = bars.with_columns(
            pl.when((pl.col("symbol") == "C") & (pl.col("ts") == FIRST + timedelta(days=5)))
            .then(pl.col(column) + 1e-6).otherwise(column).alias(column)
        )  # fmt: skip
        assert still_there(marks, revised, until=SEEN) is False
    younger = bars.with_columns(symbol=pl.lit("E")).filter(pl.col("ts") > SEEN)
    assert still_there(marks, pl.concat([bars, younger]), until=SEEN)
    backfilled = bars.with_columns(symbol=pl.lit("E"))
    assert still_there(marks, pl.concat([bars, backfilled]), until=SEEN) is False


def test_a_bar_that_was_not_over_may_become_another(bars):
    """The evidence was made at noon of the last day, and of a file with a day of 2099 in it."""
    noon = SEEN - timedelta(hours=9)
    far = pl.lit(datetime(2099, 1, 1, tzinfo=UTC)).cast(pl.Datetime("us", "UTC"))
    wrong = bars.tail(1).with_columns(ts=far)
    marks = take_marks(pl.concat([bars.filter(pl.col("ts") <= SEEN), wrong]))
    finished = bars.with_columns(
        close=pl.when(pl.col("ts") == SEEN).then(pl.col("close") * 1.01).otherwise("close")
    )
    assert still_there(marks, finished, until=noon)
    assert still_there(marks, finished, until=SEEN) is False
    assert still_there(marks, finished.filter(pl.col("ts") != FIRST), until=noon) is False
    assert still_there(marks, bars, until=FIRST - timedelta(days=1)) is None


def test_staleness_counts_from_the_newest_bar(bars):
    assert stale_hours(bars, bars["ts"].max() + timedelta(hours=5)) == 5.0


def test_the_account_goes_on_while_symbols_have_no_scores(bars, scores):
    """Of four symbols one has a score for a while: fewer than are held, and than can replace."""
    few = scores.filter((pl.col("symbol") == "A") | (pl.col("ts") > FIRST + timedelta(days=30)))
    published = [publish(bars, few, day) for day in range(10, 25)]
    result = followed(published, bars, few)
    assert result.bars == 29
    assert targets(bars, few.filter(pl.col("ts") <= SEEN), SPEC, None).height <= 2
