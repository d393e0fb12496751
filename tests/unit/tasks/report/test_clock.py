from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

from tasks.report.clock import Clock


def stamps(*times: datetime) -> pl.Series:
    return pl.Series(times, dtype=pl.Datetime("us", "UTC"))


def test_days_are_those_of_the_zone():
    late = stamps(datetime(2020, 1, 2, 2, tzinfo=UTC))
    assert Clock("America/New_York").local(late)[0].isoformat() == "2020-01-01T00:00:00"
    assert Clock("Asia/Shanghai", "1min").local(late)[0].isoformat() == "2020-01-02T10:00:00"


def test_axis_shows_wall_clock_times():
    axis = Clock("America/New_York", "1h").axis(stamps(datetime(2020, 7, 1, 13, tzinfo=UTC)))
    assert axis.astype("datetime64[ms]")[0] == np.datetime64("2020-07-01T09:00")


def test_words_are_english():
    assert Clock("UTC").say(datetime(2012, 5, 9, tzinfo=UTC)) == "9 May 2012"
