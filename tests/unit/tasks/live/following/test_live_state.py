"""Which bars and symbols take no part in what is followed, and which of those approved are gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from configs.settings import load_settings
from configs.workspace import open_workspace
from storage.open import open_lake
from tasks.dag.plan import read_plan
from tasks.dag.session import Session
from tasks.ingest.origin.landing import settle_cut
from tasks.live.following.live_state import _absent, _left_out, gather
from tasks.runs.preflight import check_runnable
from tasks.runs.run import plan_run
from taskspecs.load import parse
from tests.clock import Clock

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


ENDED = """
name: followed
data: {source: file, path: bars.csv, timezone: UTC, end: 2026-01-20}
features: {define: {momentum: "$close / Ref($close, 2) - 1"}}
signal: {expression: $momentum}
backtest: {topk: 1, n_drop: 1}
"""
LAST = FIRST + timedelta(days=29)
"""The day of the last bar; bars end a second before midnight."""


@pytest.fixture
def session(tmp_path, monkeypatch) -> Session:
    """A study whose period ended, planned in the morning of its file's last day."""
    write(tmp_path, 30)
    workspace = open_workspace(tmp_path)
    settings = load_settings(workspace)
    Clock(monkeypatch, LAST + timedelta(hours=9))
    plan = plan_run(parse(ENDED), workspace, settings)
    session = Session(workspace, settings, plan, open_lake(settings, workspace))
    check_runnable(session)
    settle_cut(session)
    monkeypatch.undo()
    return session


def write(folder, days: int) -> None:
    rows = [
        {"date": (FIRST + timedelta(days=day)).date(), "symbol": symbol, "close": close + day}
        for symbol, close in {"A": 100, "B": 300}.items()
        for day in range(days)
    ]
    pl.DataFrame(rows).write_csv(folder / "bars.csv")


def test_a_bar_that_was_not_over_when_its_file_came_in_is_not_days_later(session):
    later = LAST + timedelta(days=9)
    session.plan = read_plan(session.plan.to_json())  # as a look at the account finds it
    known = gather(session, later)
    assert {known.source["ts"].max(), known.bars["ts"].max()} == {LAST - timedelta(seconds=1)}
    assert known.scores["ts"].max() < LAST
    write(session.workspace.root, 32)  # another file: its bars are over by today's clock
    assert gather(session, later).source["ts"].max() == LAST + timedelta(days=3, seconds=-1)
