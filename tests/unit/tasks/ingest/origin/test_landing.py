"""Equal key, equal bytes, whenever a source came in: what decides which bars are left out is in the
key."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from configs.settings import load_settings
from configs.workspace import open_workspace
from storage.lake.manifest import DatasetId
from storage.open import open_lake
from tasks.dag.plan import read_plan
from tasks.dag.session import Session
from tasks.ingest.origin.landing import land, settle_cut
from tasks.runs.preflight import check_runnable
from tasks.runs.replay import replay
from tasks.runs.run import plan_run, run
from tasks.sweep.sweep import ingest_bars
from taskspecs.load import parse
from tests.clock import Clock

if TYPE_CHECKING:
    from tasks.dag.plan import RunPlan

DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(120)]
LAST = datetime(2026, 4, 30, tzinfo=UTC)
"""The day of the last bar, which ends at its midnight."""
MORNING, EVENING, AFTER = (LAST + timedelta(hours=hours) for hours in (9, 20, 30))
SPEC = """
name: landed
data: {source: file, path: bars.csv, timezone: UTC}
features: {define: {momentum: "$close / Ref($close, 5) - 1"}}
signal: {expression: $momentum}
backtest: {topk: 1, n_drop: 1}
"""


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch, MORNING)


@pytest.fixture
def prepare(tmp_path, clock):
    """Bring the same bytes into a workspace at a time, and plan a study of them."""

    def prepare(name: str, at: datetime) -> Session:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        closes = {
            "A": range(100, 220),
            "B": range(300, 180, -1),
            "C": [50 + n % 7 for n in range(120)],
        }
        frames = [pl.DataFrame({"date": DAYS, "symbol": s, "close": c}) for s, c in closes.items()]
        pl.concat(frames).write_csv(root / "bars.csv")
        workspace = open_workspace(root)
        settings = load_settings(workspace)
        clock.moment = at
        plan = plan_run(parse(SPEC), workspace, settings)
        return Session(workspace, settings, plan, open_lake(settings, workspace))

    return prepare


def ingested(session: Session) -> tuple[str, dict[str, str]]:
    """Ingest, and return the key and the digests of its files."""
    check_runnable(session)
    settle_cut(session)
    ingest_bars(session)
    files = {file.name: file.sha256 for file in session.manifest("ingest").files}
    return session.plan.stage("ingest").key, files


def keys(plan: RunPlan) -> list[str]:
    return [stage.key for stage in plan.stages]


def test_an_unfinished_bar_makes_the_time_part_of_the_key(prepare):
    morning, evening, after = (
        ingested(prepare(name, at))
        for name, at in zip("abc", (MORNING, EVENING, AFTER), strict=True)
    )
    assert len({morning[0], evening[0], after[0]}) == 3
    assert after[1] != evening[1]
    assert ingested(prepare("d", MORNING)) == morning


def test_where_all_bars_had_ended_the_time_is_in_no_key(prepare):
    assert ingested(prepare("a", AFTER)) == ingested(prepare("b", AFTER + timedelta(days=90)))
    assert prepare("c", AFTER).plan.cut is None


def test_a_lake_keeps_the_time_at_which_a_source_came_in(prepare, clock):
    first = ingested(prepare("a", MORNING))
    again = prepare("a", AFTER)
    assert again.plan.cut == MORNING
    assert ingested(again) == first
    assert read_plan(again.plan.to_json()) == again.plan


def test_who_lands_first_decides_for_all(prepare, clock):
    first, second = prepare("a", MORNING), prepare("a", MORNING)
    check_runnable(first)
    clock.moment = EVENING
    check_runnable(second)
    settle_cut(second)
    settle_cut(first)
    assert first.plan.cut == second.plan.cut == EVENING
    assert keys(first.plan) == keys(second.plan)


def test_bars_that_ended_before_another_landed_them_are_not_left_out(prepare, clock):
    first, second = prepare("a", MORNING), prepare("a", AFTER)
    clock.moment = MORNING
    check_runnable(first)
    clock.moment = AFTER
    check_runnable(second)
    land(second)
    settle_cut(first)
    assert first.plan.cut is None
    ingest_bars(first)
    assert first.frame("ingest", "bars")["ts"].max() > MORNING


def test_a_run_is_found_and_replayed_as_it_was(prepare, clock):
    session = prepare("a", MORNING)
    study = parse(SPEC), session.workspace, session.settings
    outcome = run(*study)
    plan = outcome.session.plan
    assert plan.cut == MORNING
    assert outcome.session.frame("ingest", "bars")["ts"].max() < MORNING
    clock.moment = AFTER
    assert all(plan_run(*study).done(session.lake).values())
    assert run(*study).computed == ()
    assert replay(plan.run_id, session.workspace, session.settings).identical
    raw = session.lake.manifest(DatasetId("raw", "file", plan.data_digest))
    assert raw.section["received_at"] == MORNING.isoformat()
