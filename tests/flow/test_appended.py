"""A day is appended to a source: only that day's features are computed, and the bytes are those of
a workspace that never saw the shorter history."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from configs.settings import load_settings
from configs.workspace import open_workspace
from storage.open import open_lake
from storage.telemetry.lines import recorded
from tasks.dag.session import Session, forget, share
from tasks.features.task import Features
from tasks.runs.run import plan_run
from taskspecs.load import parse

if TYPE_CHECKING:
    from pathlib import Path

SPEC = """
name: appended
data: {source: file, path: bars.csv}
features:
  sets: [kbar]
  define:
    window: Std($close, 20) / Mean($close, 60)
    across: CSRank(Mean($close / Ref($close, 1) - 1, 5))
    decay: EMA($close, 12)
signal: {expression: $window}
"""


@dataclass
class Heard:
    """A reporter that remembers what it was told."""

    notes: list[str] = field(default_factory=list)

    def stage_started(self, stage: str) -> None: ...
    def stage_progress(self, stage: str, fraction: float) -> None: ...
    def stage_done(self, stage: str, seconds: float, rows: int) -> None: ...
    def waiting(self, what: str) -> None: ...

    def stage_note(self, stage: str, note: str) -> None:
        self.notes.append(f"{stage}: {note}")


@pytest.fixture
def bars() -> pl.DataFrame:
    rng = np.random.default_rng(5)
    days = np.busday_offset("2020-01-01", np.arange(150), roll="forward")
    frames = []
    for number in range(6):
        close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, days.size)))
        wide = rng.uniform(0.001, 0.02, days.size)
        frames.append(
            pl.DataFrame(
                {
                    "symbol": f"S{number}", "date": days, "open": close * (1 - wide / 2),
                    "high": close * (1 + wide), "low": close * (1 - wide), "close": close,
                    "volume": rng.integers(1_000, 9_000, days.size),
                }
            ).filter(pl.Series(rng.random(days.size) > 0.03))
        )  # fmt: skip
    return pl.concat(frames)


def compute(root: Path, bars: pl.DataFrame) -> tuple[bytes, dict[str, object], list[str]]:
    """Run the road as far as the features; return their bytes and what was told of them."""
    root.mkdir(exist_ok=True)
    bars.write_csv(root / "bars.csv")
    workspace = open_workspace(root)
    settings = load_settings(workspace)
    lake, heard = open_lake(settings, workspace), Heard()
    import luigi  # after the package, which sets it up

    session = Session(workspace, settings, plan_run(parse(SPEC), workspace, settings), lake, heard)
    share(session)
    try:
        done = luigi.build(
            [Features.of(session)], local_scheduler=True, workers=1, detailed_summary=True
        )
    finally:
        forget(session)
    assert done.scheduling_succeeded, session.failure
    told = [
        e for e in recorded(workspace, "features") if e["key"] == session.plan.stage("features").key
    ]
    content = lake.read(session.manifest("features"), "features.parquet")
    return content, told[-1], heard.notes


def days_of(bars: pl.DataFrame, count: int) -> pl.DataFrame:
    return bars.filter(pl.col("date").is_in(bars["date"].unique().sort().head(count).implode()))


def test_only_the_new_day_is_computed(tmp_path, bars):
    _, first, _ = compute(tmp_path / "a", days_of(bars, 149))
    assert first["goes_on_from"] is None
    assert first["computed"] == first["rows"]
    content, told, notes = compute(tmp_path / "a", bars)
    new = bars.filter(pl.col("date") == bars["date"].max()).height
    assert told["goes_on_from"] == first["key"]
    assert told["computed"] == new > 0
    assert any(f"{new} new rows computed" in note for note in notes)
    fresh, alone, _ = compute(tmp_path / "b", bars)
    assert alone["goes_on_from"] is None
    assert content == fresh


def test_what_was_taken_over_is_taken_over_again(tmp_path, bars):
    for days in (140, 145, 150):
        content, told, _ = compute(tmp_path / "a", days_of(bars, days))
    assert told["computed"] < bars.height / 10
    assert content == compute(tmp_path / "b", bars)[0]


@pytest.mark.parametrize("change", ["revised", "removed", "put in"])
def test_another_history_is_computed_anew(tmp_path, bars, change):
    earlier = days_of(bars, 149)
    if change == "put in":
        earlier = earlier.filter(
            ~((pl.col("symbol") == "S2") & (pl.col("date") == earlier["date"][30]))
        )
    compute(tmp_path / "a", earlier)
    now = bars
    if change == "revised":
        now = bars.with_columns(
            close=pl.when(pl.int_range(pl.len()) == 77).then(pl.col("low")).otherwise("close")
        )
    if change == "removed":
        now = bars.filter(pl.int_range(pl.len()) != 77)
    content, told, _ = compute(tmp_path / "a", now)
    assert told["goes_on_from"] is None
    assert told["computed"] == told["rows"] == now.height
    assert content == compute(tmp_path / "b", now)[0]


def test_nothing_is_taken_over_from_damage(tmp_path, bars):
    compute(tmp_path / "a", days_of(bars, 149))
    (file,) = (tmp_path / "a" / ".qraft" / "lake" / "feature" / "features").rglob("*.parquet")
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    content, told, _ = compute(tmp_path / "a", bars)
    assert told["goes_on_from"] is None
    assert content == compute(tmp_path / "b", bars)[0]
