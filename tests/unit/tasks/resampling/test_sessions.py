"""Bars bounded by the sessions of exchanges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import exchange_calendars
import polars as pl
import pytest

from configs.errors import BadInput
from tasks.resampling import resample


def minutes(first: str, days: int, symbol: str = "A") -> pl.DataFrame:
    start = datetime.fromisoformat(first).replace(tzinfo=UTC)
    ts = pl.datetime_range(
        start + timedelta(minutes=1), start + timedelta(days=days), "1m", eager=True,
        time_unit="us",
    )  # fmt: skip
    return pl.DataFrame({"symbol": symbol, "ts": ts, "volume": 1.0})


def daily(*days: date, at: str = "16:00") -> pl.DataFrame:
    stamps = pl.Series([datetime.fromisoformat(f"{day}T{at}") for day in days])
    ts = stamps.dt.replace_time_zone("America/New_York").dt.convert_time_zone("UTC")
    return pl.DataFrame({"symbol": "A", "ts": ts, "volume": 1.0})


def shown(bars: pl.DataFrame, zone: str) -> list[tuple[str, float]]:
    local = bars["ts"].dt.convert_time_zone(zone).dt.strftime("%d %H:%M").to_list()
    return list(zip(local, bars["volume"], strict=True))


def test_hours_are_counted_from_the_open_and_end_with_the_close() -> None:
    # 3 July 2024 closed at 13:00, the 4th was a holiday
    hours = resample(
        minutes("2024-07-03T00:00", 3), "1h", frequency="1min", calendar="XNYS",
        zone="America/New_York",
    )  # fmt: skip
    assert shown(hours, "America/New_York") == [
        ("03 10:30", 60.0), ("03 11:30", 60.0), ("03 12:30", 60.0), ("03 13:00", 30.0),
        ("05 10:30", 60.0), ("05 11:30", 60.0), ("05 12:30", 60.0), ("05 13:30", 60.0),
        ("05 14:30", 60.0), ("05 15:30", 60.0), ("05 16:00", 30.0),
    ]  # fmt: skip


def test_no_hour_reaches_across_the_lunch_break() -> None:
    hours = resample(minutes("2024-03-04T00:00", 1), "1h", frequency="1min", calendar="XSHG")
    local = [label for label, _ in shown(hours, "Asia/Shanghai")]
    assert local == ["04 10:30", "04 11:30", "04 14:00", "04 15:00"]
    assert hours["volume"].to_list() == [60.0] * 4


@pytest.mark.parametrize("name", ["XNYS", "XHKG", "XTKS", "24/7", "CMES"])
def test_every_bar_is_a_slice_of_the_calendar(name: str) -> None:
    bars = resample(minutes("2024-03-04T00:00", 9), "30min", frequency="1min", calendar=name)
    calendar = exchange_calendars.get_calendar(name, start="2024-02-20", end="2024-03-25")
    index = calendar.trading_index(
        "2024-03-01", "2024-03-20", "30min", force_close=True, force_break_close=True
    )
    known = {
        right.to_pydatetime(): left for left, right in zip(index.left, index.right, strict=True)
    }
    lengths = [(end - known[end]).total_seconds() / 60 for end in bars["ts"]]
    assert bars["volume"].to_list()[1:] == lengths[1:]  # data may begin inside the first
    day = resample(minutes("2024-03-04T00:00", 9), "day", frequency="1min", calendar=name)
    closes = {close.to_pydatetime() for close in calendar.schedule["close"]}
    assert set(day["ts"]) <= closes
    assert day.height >= 6


def test_weeks_and_months_end_with_their_last_session() -> None:
    days = [
        day for day in (date(2024, 3, 1) + timedelta(n) for n in range(40)) if day.weekday() < 5
    ]
    bars = daily(*(day for day in days if day != date(2024, 3, 29)))  # Good Friday
    how = {
        "frequency": "day", "zone": "America/New_York", "session_close": "16:00",
        "calendar": "XNYS",
    }  # fmt: skip
    weeks = shown(resample(bars, "week", **how), "America/New_York")
    assert weeks == [
        ("01 16:00", 1.0), ("08 16:00", 5.0), ("15 16:00", 5.0), ("22 16:00", 5.0),
        ("28 16:00", 4.0), ("05 16:00", 5.0),
    ]  # fmt: skip
    assert shown(resample(bars, "month", **how), "America/New_York") == [("28 16:00", 20.0)]
    minutely = minutes("2024-03-25T00:00", 6)
    by_minutes = resample(minutely, "week", frequency="1min", calendar="XNYS")
    assert shown(by_minutes, "America/New_York") == [("28 16:00", 4 * 390.0)]


def test_a_closure_that_nobody_foresaw_ends_no_week_early() -> None:
    known = [date(2001, 9, 7), date(2001, 9, 10)]
    how = {
        "frequency": "day", "zone": "America/New_York", "session_close": "16:00",
        "calendar": "XNYS",
    }  # fmt: skip
    before = resample(daily(*known), "week", **how)
    assert shown(before, "America/New_York") == [("07 16:00", 1.0)]
    after = resample(daily(*known, date(2001, 9, 17)), "week", **how)
    assert shown(after, "America/New_York") == [("07 16:00", 1.0), ("14 16:00", 1.0)]


def test_a_calendar_that_does_not_exist_or_does_not_fit() -> None:
    bars = minutes("2024-03-04T00:00", 2)
    with pytest.raises(BadInput, match=r"(?s)no exchange calendar `XNYZ`.*'XNYS'"):
        resample(bars, "1h", frequency="1min", calendar="XNYZ")
    night = bars.filter(pl.col("ts").dt.hour() < 12)
    with pytest.raises(BadInput, match="none lies in a session of XNYS") as refused:
        resample(night, "1h", frequency="1min", calendar="XNYS")
    assert refused.value.place.key == "aggregation.calendar"
    old = bars.with_columns(pl.col("ts").dt.offset_by("-120y"))
    with pytest.raises(BadInput, match="does not cover 1904-03-04") as refused:
        resample(old, "1h", frequency="1min", calendar="XHKG")
