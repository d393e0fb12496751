from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.report.clock import Clock
from tasks.report.stretches import cut


def days(count: int) -> pl.Series:
    first = datetime(2020, 1, 1, 12, tzinfo=UTC)
    times = [first + timedelta(days=n) for n in range(count)]
    return pl.Series(times, dtype=pl.Datetime("us", "UTC"))


@pytest.mark.parametrize(
    ("count", "name"), [(1, "day"), (90, "day"), (300, "week"), (900, "month")]
)
def test_length_follows_the_period(count, name):
    assert cut(days(count), Clock("UTC")).name == name


@given(st.integers(1, 800), st.sampled_from(["day", "week", "month"]))
def test_nothing_is_lost(count, every):
    stretches = cut(days(count), Clock("UTC"), every)
    values = np.linspace(-0.01, 0.02, count)
    assert stretches.total(values).sum() == pytest.approx(values.sum())
    whole = np.prod(1 + stretches.compounded(values)) - 1
    assert whole == pytest.approx(np.prod(1 + values) - 1)
    assert (np.diff(stretches.axis) > 0).all()


def test_means_leave_out_what_is_missing():
    values = np.array([1.0, np.nan, 3.0, np.nan])
    stretches = cut(days(4), Clock("UTC"), "day")
    assert np.isnan(stretches.mean(values)).tolist() == [False, True, False, True]
    assert cut(days(4), Clock("UTC"), "month").mean(values).tolist() == [2.0]


def test_months_begin_in_the_zone():
    eve = pl.Series([datetime(2020, 1, 1, 2, tzinfo=UTC)], dtype=pl.Datetime("us", "UTC"))
    assert cut(eve, Clock("America/New_York"), "month").days.tolist() == [date(2019, 12, 1)]
