"""Which symbols take no part in what is followed, and which of those approved are gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from tasks.following.scene import _absent, _left_out

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = {"A": range(10), "B": range(7), "C": range(3), "D": range(6, 10)}
BARS = pl.DataFrame(
    [
        {"symbol": symbol, "ts": FIRST + timedelta(days=day)}
        for symbol, days in DAYS.items()
        for day in days
    ],
    schema={"symbol": pl.String, "ts": pl.Datetime("us", "UTC")},
)


def test_what_ended_since_it_was_proposed_is_absent_and_what_is_gone_too():
    proposed = FIRST + timedelta(days=5, hours=1)
    assert _absent(BARS, ("A", "B", "C"), proposed) == ("B",)  # C had ended before
    assert _absent(BARS, ("A", "E"), proposed) == ("E",)
    assert _absent(BARS, ("A", "D"), proposed) == ()
    assert _absent(BARS, ("A", "B", "C"), FIRST - timedelta(days=1)) == ("B", "C")
    assert _absent(BARS, (), proposed) == ()


def test_symbols_that_nobody_approved_are_left_out():
    assert _left_out(BARS, ("A", "B", "C", "Z")) == ("D",)
    assert _left_out(BARS, None) == ()
