"""Coarser bars, held against pandas."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd  # noqa: TC002 - used where types are not
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from configs.errors import BadInput
from tasks.resampling import resample
from taskspecs.frequencies import FINEST_FIRST

RULES = {"5min": "5min", "15min": "15min", "30min": "30min", "1h": "1h", "day": "1D"}
HOW = {
    "open": "first", "high": "max", "low": "min", "close": "last", "factor": "last",
}  # fmt: skip


def naive(bars: pl.DataFrame) -> pd.DataFrame:
    """Hand a frame over without zones: everything is UTC."""
    return bars.with_columns(pl.col(pl.Datetime).dt.replace_time_zone(None)).to_pandas()


def by_pandas(bars: pl.DataFrame, rule: str) -> pl.DataFrame:
    """Resample as pandas does with labels and closed sides on the right; whole bars only."""
    frames = []
    for (symbol,), part in bars.partition_by("symbol", as_dict=True).items():
        frame = naive(part.sort("ts")).set_index("ts")
        binned = frame.resample(rule, label="right", closed="right")
        merged = binned.agg(HOW)
        for name in ("volume", "amount"):
            merged[name] = binned[name].sum(min_count=1)
        merged["vwap"] = (
            (frame["vwap"] * frame["volume"])
            .resample(rule, label="right", closed="right").sum(min_count=1) / merged["volume"]
        )  # fmt: skip
        merged = merged[binned.size() > 0]
        frames.append(pl.from_pandas(merged.reset_index()).with_columns(symbol=pl.lit(symbol)))
    ends = pl.concat(frames).with_columns(
        pl.col("ts").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    )
    return ends.filter(pl.col("ts") <= bars["ts"].max()).sort("symbol", "ts")


@pytest.mark.parametrize("every", RULES)
def test_it_agrees_with_pandas(make_minutes, every: str) -> None:
    bars = make_minutes(bars=4_000)
    ours = resample(bars, every, frequency="1min")
    theirs = by_pandas(bars, RULES[every]).select(ours.drop("known_at").columns)
    assert_frame_equal(ours.drop("known_at"), theirs.fill_nan(None), rel_tol=1e-12)
    assert ours.height > 3
    assert ours.schema == bars.schema


@pytest.mark.parametrize(("every", "period"), [("week", "W-SUN"), ("month", "M")])
def test_days_make_weeks_and_months_as_in_pandas(make_minutes, every: str, period: str) -> None:
    days = make_minutes("2023-12-30T23:59", bars=200, step_minutes=1440).with_columns(
        pl.col("ts", "known_at") + pl.duration(seconds=59)
    )
    ours = resample(days, every, frequency="day")
    frame = naive(days.sort("symbol", "ts"))
    frame["period"] = frame["ts"].dt.to_period(period)
    theirs = frame.groupby(["symbol", "period"]).agg(HOW | {"volume": "sum"}).reset_index()
    theirs["ts"] = theirs["period"].dt.end_time.dt.floor("s")
    theirs = theirs[theirs["ts"] <= frame["ts"].max()]
    expected = pl.from_pandas(theirs.drop(columns="period")).with_columns(
        pl.col("ts").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    )
    assert_frame_equal(
        ours.select("symbol", "ts", *HOW, "volume"),
        expected.select("symbol", "ts", *HOW, "volume"),
        rel_tol=1e-12,
    )
    assert ours.height > 10


def test_two_steps_are_one(make_minutes) -> None:
    bars = make_minutes(missing=0.3)
    fives = resample(bars, "5min", frequency="1min")
    assert_frame_equal(
        resample(fives, "1h", frequency="5min"), resample(bars, "1h", frequency="1min")
    )


@given(
    minutes=st.lists(st.integers(0, 400 * 24 * 60), min_size=1, max_size=80, unique=True),
    every=st.sampled_from(FINEST_FIRST[1:]),
    zone=st.sampled_from(["UTC", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata",
                          "Australia/Lord_Howe", "America/Havana"]),
    close=st.sampled_from([None, "16:00", "01:30", "00:00"]),
    data=st.data(),
)  # fmt: skip
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_later_rows_never_change_a_bar(minutes, every, zone, close, data) -> None:
    start = datetime(2017, 9, 1, tzinfo=UTC)  # Sao Paulo skipped midnights until 2018
    ts = pl.Series(
        [start.timestamp() * 1e6 + m * 60_000_000 for m in minutes], dtype=pl.Float64
    ).cast(pl.Int64).cast(pl.Datetime("us", "UTC"))  # fmt: skip
    number = pl.Series(range(len(minutes)), dtype=pl.Float64)
    bars = pl.DataFrame({"ts": ts, "close": number, "volume": number, "known_at": ts})
    bars = bars.select(pl.Series("symbol", ["A", "B"] * len(ts)).head(len(ts)), pl.all())
    cut = data.draw(st.sampled_from(sorted(ts)))
    how = {"frequency": "1min", "zone": zone, "session_close": close}
    whole = resample(bars, every, **how)
    known = resample(bars.filter(pl.col("ts") <= cut), every, **how)
    assert_frame_equal(known, whole.filter(pl.col("ts") <= cut))
    assert (whole["known_at"] >= whole["ts"]).all()
    assert whole["ts"].max() is None or whole["ts"].max() <= ts.max()
    shuffled = bars.sample(fraction=1.0, shuffle=True, seed=1)
    assert_frame_equal(resample(shuffled, every, **how), whole)


def test_a_bar_is_there_once_any_symbol_shows_that_its_time_is_over() -> None:
    ts = [datetime(2024, 1, 2, 10, minute, tzinfo=UTC) for minute in (1, 2, 5)]
    bars = pl.DataFrame({"symbol": ["A", "A", "B"], "ts": ts, "close": [1.0, 2.0, 3.0]})
    whole = resample(bars, "5min", frequency="1min")
    assert whole.rows() == [("A", ts[2], 2.0), ("B", ts[2], 3.0)]
    assert resample(bars.filter(pl.col("ts") < ts[2]), "5min", frequency="1min").is_empty()


def test_what_is_missing_takes_no_part_and_what_is_late_makes_a_bar_late() -> None:
    ts = [datetime(2024, 1, 2, 10, minute, tzinfo=UTC) for minute in (1, 2, 3, 5, 10)]
    late = datetime(2024, 1, 2, 12, tzinfo=UTC)
    bars = pl.DataFrame(
        {
            "symbol": ["A"] * 5,
            "ts": ts,
            "open": [None, float("nan"), 3.0, 4.0, None],
            "high": [9.0, float("inf"), 3.0, 4.0, None],
            "close": [1.0, 2.0, 3.0, None, None],
            "volume": [1.0, None, 3.0, float("nan"), None],
            "known_at": [ts[0], late, ts[2], ts[3], ts[4]],
        }
    )
    first, second = resample(bars, "5min", frequency="1min").rows()
    assert first == ("A", ts[3], 3.0, 9.0, 3.0, 4.0, late)
    assert second == ("A", ts[4], None, None, None, None, ts[4])


def test_a_change_of_the_clock_makes_a_day_of_23_or_25_hours(make_minutes) -> None:
    for start, hours in (("2024-03-10T05:00", 23), ("2024-11-03T04:00", 25)):
        bars = make_minutes(start, bars=60 * 26, symbols=1, missing=0.0)
        zone = {"frequency": "1min", "zone": "America/New_York"}
        day = resample(bars, "day", **zone)["ts"]
        local = day.dt.convert_time_zone("America/New_York").dt.strftime("%H:%M").to_list()
        assert local == ["00:00"]
        by_hour = resample(bars, "1h", **zone)
        assert by_hour.filter(pl.col("ts") <= day[0]).height == hours
        assert by_hour["ts"].is_unique().all()


def test_no_bar_reaches_across_the_close(make_minutes) -> None:
    bars = make_minutes("2024-01-02T20:00", bars=200, symbols=1, missing=0.0)
    hours = resample(
        bars, "1h", frequency="1min", zone="America/New_York", session_close="16:15"
    )  # fmt: skip
    local = hours["ts"].dt.convert_time_zone("America/New_York").dt.strftime("%H:%M").to_list()
    assert local == ["16:00", "16:15", "17:00", "18:00"]


@pytest.mark.parametrize(
    ("frequency", "every", "what"),
    [
        ("5min", "1min", "bars of 5min cannot make bars of 1min"),
        ("day", "day", "allowed: week, month"),
        ("week", "month", "not made of whole weeks"),
        ("month", "day", "leave `aggregation.bars` out"),
    ],
)
def test_bars_are_not_made_of_coarser_ones(make_minutes, frequency, every, what) -> None:
    with pytest.raises(BadInput, match=what) as refused:
        resample(make_minutes(bars=10), every, frequency=frequency)
    assert refused.value.place.key == "aggregation.bars"


def test_nothing_gives_nothing(make_minutes) -> None:
    empty = make_minutes(bars=10).clear()
    for every in FINEST_FIRST[1:]:
        assert resample(empty, every, frequency="1min").schema == empty.schema


def test_real_minutes_agree_with_pandas(shared_data) -> None:
    raw = pl.read_parquet(shared_data / "btc_perp_1m.parquet")
    time = next(name for name, dtype in raw.schema.items() if dtype.is_temporal())
    bars = raw.select(
        symbol=pl.lit("BTC"),
        ts=pl.col(time).dt.replace_time_zone("UTC").dt.cast_time_unit("us"),
        open=pl.col("open").cast(pl.Float64), close=pl.col("close").cast(pl.Float64),
        volume=pl.col("volume").cast(pl.Float64),
    )  # fmt: skip
    for every, rule in RULES.items():
        ours = resample(bars, every, frequency="1min")
        binned = naive(bars).set_index("ts").resample(rule, label="right", closed="right")
        theirs = binned.agg({"open": "first", "close": "last", "volume": "sum"})[binned.size() > 0]
        theirs = theirs[
            theirs.index.to_numpy() <= bars["ts"].dt.replace_time_zone(None).to_numpy().max()
        ]
        expected = pl.Series(theirs.index.to_numpy()).cast(pl.Datetime("us"))
        assert ours["ts"].dt.replace_time_zone(None).to_list() == expected.to_list()
        for name in ("open", "close", "volume"):
            assert ours[name].to_list() == pytest.approx(theirs[name].to_list(), rel=1e-12)


def test_real_days_make_weeks_as_in_pandas(shared_data) -> None:
    raw = pl.read_parquet(shared_data / "sp500_daily.parquet").rename({"Name": "symbol"})
    closes = pl.col("date").cast(pl.Datetime("us")) + pl.duration(hours=16)
    ts = closes.dt.replace_time_zone("America/New_York").dt.convert_time_zone("UTC")
    names = raw["symbol"].unique().sort().head(40)
    bars = raw.filter(pl.col("symbol").is_in(names.implode())).select(
        "symbol", ts.alias("ts"), pl.col("open", "high", "low", "close", "volume").cast(pl.Float64)
    )
    how = {"frequency": "day", "zone": "America/New_York", "session_close": "16:00"}
    for calendar in (None, "XNYS"):
        ours = resample(bars, "week", calendar=calendar, **how)
        frame = bars.with_columns(week=pl.col("ts").dt.truncate("1w")).to_pandas()
        theirs = frame.groupby(["symbol", "week"])[["high", "low", "volume"]].agg(
            {"high": "max", "low": "min", "volume": "sum"}
        )
        weeks = ours.with_columns(week=pl.col("ts").dt.truncate("1w")).to_pandas()
        joined = weeks.join(theirs.add_suffix("_pandas"), on=["symbol", "week"])
        for name in ("high", "low", "volume"):
            pairs = joined[[name, f"{name}_pandas"]].to_numpy()
            assert pairs[:, 0].tolist() == pytest.approx(pairs[:, 1].tolist(), nan_ok=True)
        weekday = ours["ts"].dt.convert_time_zone("America/New_York").dt.weekday()
        assert weekday.max() == (7 if calendar is None else 5)
        assert ours.height > 9_000
