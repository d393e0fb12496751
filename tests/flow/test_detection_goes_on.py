"""Bars are appended to a source: detectors go on from their checkpoints, and what they say is what
a workspace that never saw the shorter history says. A second study finds the first one's cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from configs.settings import Settings
from configs.workspace import Workspace
from storage.open import open_lake
from storage.telemetry.lines import recorded
from tasks.dag.session import Session, forget, share
from tasks.detection.task import Detection
from tasks.runs.run import plan_run
from taskspecs.load import parse
from tests.flow.test_appended import Heard

if TYPE_CHECKING:
    from pathlib import Path

DAYS, SYMBOLS = 420, 5
SPEC = """
name: {name}
data: {{source: file, path: bars.csv}}
features: {{define: {{r: "$close / Ref($close, 1) - 1", v: Log($volume)}}}}
signal: {{expression: $r}}
detection:
  - {{detector: page_hinkley, watch: $r, warmup_bars: 20}}
  - {{detector: gaussian_scorer, watch: [$r, $v], window_bars: 40, grace_bars: 20, quantile: 0.97}}
  - {{detector: adwin, watch: $v, scope: cross_section, warmup_bars: 20}}
  - {{detector: ddm, watch: $r, warmup_bars: 20, drift_threshold: 2.0}}
discovery: {{level: {level}, calibration: {{null_bars: 1000, injections: 0}}}}
"""
FILES = ("alarms", "scores", "patterns", "withheld", "cards")


@pytest.fixture(scope="module")
def bars() -> pl.DataFrame:
    rng = np.random.default_rng(8)
    days = np.busday_offset("2020-01-01", np.arange(DAYS), roll="forward")
    frames = []
    for number in range(SYMBOLS):
        moves = rng.normal(0, 0.02, DAYS)
        moves[DAYS // 2 :] += 0.02
        moves[[100, 300, DAYS - 3]] = 0.4
        close = 50 * np.exp(np.cumsum(moves))
        volume = rng.integers(1_000, 9_000, DAYS) * (1 + 9 * (np.arange(DAYS) > 250))
        frames.append(
            pl.DataFrame(
                {
                    "symbol": f"S{number}", "date": days, "open": close, "high": close * 1.01,
                    "low": close * 0.99, "close": close, "volume": volume,
                }
            )
        )  # fmt: skip
    return pl.concat(frames)


def detected(root: Path, bars: pl.DataFrame, name: str = "goes_on", level: float = 0.1) -> Any:
    """Run the road as far as detection; return its files and what was told of them."""
    import luigi  # after the package, which sets it up

    root.mkdir(exist_ok=True)
    bars.write_csv(root / "bars.csv")
    workspace, settings, heard = Workspace(root), Settings(), Heard()
    plan = plan_run(parse(SPEC.format(name=name, level=level)), workspace, settings)
    session = Session(workspace, settings, plan, open_lake(settings, workspace), heard)
    share(session)
    try:
        done = luigi.build(
            [Detection.of(session)], local_scheduler=True, workers=1, detailed_summary=True
        )
    finally:
        forget(session)
    assert done.scheduling_succeeded, session.failure
    manifest = session.manifest("detection")
    files = {name: session.lake.read(manifest, f"{name}.parquet") for name in FILES}
    *_, told = recorded(workspace, "detection")
    return files, told, heard.notes


def until(bars: pl.DataFrame, days: int) -> pl.DataFrame:
    return bars.filter(pl.col("date").is_in(bars["date"].unique().sort().head(days).implode()))


def test_appended_bars_are_streamed_alone_and_change_nothing(tmp_path, bars) -> None:
    _, first, _ = detected(tmp_path / "a", until(bars, DAYS - 20))
    assert first["streamed"] == first["bars"] > 0
    files, told, notes = detected(tmp_path / "a", bars)
    assert told["bars"] - first["bars"] == told["streamed"] == first["bars"] * 20 / (DAYS - 20)
    assert any("taken over from checkpoints" in note for note in notes)
    straight, alone, _ = detected(tmp_path / "b", bars)
    assert alone["streamed"] == alone["bars"] == told["bars"]
    assert files == straight
    alarms = pl.read_parquet(files["alarms"])
    assert {"page_hinkley", "gaussian_scorer", "adwin"} <= set(alarms["detector"])
    late = bars["date"].unique().sort()[DAYS - 20]
    assert alarms.filter(pl.col("ts").dt.date() >= late).height > 0


def test_another_study_finds_the_cards_on_the_shelf(tmp_path, bars) -> None:
    files, told, _ = detected(tmp_path, bars)
    assert told["simulated"] == told["cards"] == 4
    other, told, notes = detected(tmp_path, bars, name="other", level=0.5)
    assert told["cards"] == 4
    assert told["simulated"] == 0
    assert any("4 of 4 calibration cards" in note for note in notes)
    assert other["alarms"] == files["alarms"]
    made = [pl.read_parquet(one["cards"]).drop("kept", "withheld") for one in (files, other)]
    assert made[0].equals(made[1])
