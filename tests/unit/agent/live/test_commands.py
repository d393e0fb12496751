"""`qraft stream`: what was recorded is shown, replayed, checked and loaded anew."""

import asyncio
import json

import polars as pl
import pytest
from click.testing import CliRunner

from agent.cli.main import cli
from agent.live.flow.commits import Commit, Facts
from agent.live.flow.flowing import Runner
from agent.live.flow.making import known, shipped
from agent.live.home import SourceHome
from agent.live.measuring import StreamMetrics
from agent.live.recording.following import joined_bodies, joined_by
from agent.live.recording.recorder import Recorder
from agent.live.recording.reloading import Watched
from agent.live.telling import pattern_events
from agent.road.triggers.matching import wakes
from configs.errors import Damaged, Failed
from storage.journal.mending import mend
from taskspecs.rerunning import TriggerSpec
from taskspecs.sources.load import parse
from tests.live import body, document, sender, workspace_with

COUNT = 600


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return the folders of two sources that were recorded and went through their flows."""
    root = tmp_path_factory.mktemp("commands")
    for name in ("trades", "others"):
        home = SourceHome(workspace_with(root, name), name)
        watched = Watched(root / "sources" / f"{name}.yaml", known())
        bodies = [body(n) for n in range(COUNT)]
        quiet = lambda *_: None  # noqa: E731
        asyncio.run(Recorder(home, watched, sender(bodies), say=quiet).run())
        with Runner(home, shipped(), say=quiet) as runner:
            while runner.step():
                pass
    return SourceHome(home.workspace, "trades")


def call(home, *arguments):
    return CliRunner().invoke(cli, ["-w", str(home.workspace.root), "stream", *arguments])


def test_the_status_is_of_all_sources_or_of_those_named(home):
    rows = json.loads(call(home, "status", "--json").stdout)
    assert [row["source"] for row in rows] == ["others", "trades"]
    [row] = json.loads(call(home, "status", "trades", "--json").stdout)
    assert (row["record"], row["flow"], row["trouble"]) == ("ended", "ended", "")
    assert (row["counts"]["raw"], row["counts"]["events"]) == (COUNT, COUNT)
    assert "trades" in call(home, "status").stdout


def test_a_check_compares_live_and_replay(home):
    found = json.loads(call(home, "check", "trades", "--json").stdout)
    assert [each["what"] for each in found] == ["segment 0", "replay"]
    assert all(each["well"] for each in found)


def test_a_replay_writes_what_it_makes(home, tmp_path):
    answer = call(home, "replay", "trades", "--to", str(tmp_path / "made"), "--json")
    found = json.loads(answer.stdout)
    assert found["rows"]["events"] == COUNT
    bars = pl.read_parquet(tmp_path / "made" / "bars.parquet")
    assert bars.height == found["rows"]["bars"] > 0
    again = json.loads(call(home, "replay", str(home.journal.path), "--json").stdout)
    assert again["digests"] == found["digests"]


def test_what_was_never_recorded_is_named_with_what_was(home):
    answer = call(home, "check", "tradez")
    assert answer.exit_code != 0
    assert "did you mean 'trades'" in str(answer.exception)


def test_a_rebuild_loads_every_source(home):
    rows = json.loads(call(home, "rebuild", "--json").stdout)
    assert {row["source"] for row in rows} == {"others", "trades"}
    assert all(row["rows"] >= 2 * COUNT for row in rows)
    again = json.loads(call(home, "rebuild", "trades", "--json").stdout)
    assert again == [row for row in rows if row["source"] == "trades"]


def test_damage_is_named_and_mended_by_word_of_a_person(home, tmp_path):
    other = SourceHome(workspace_with(tmp_path), "trades")
    other.journal.path.mkdir(parents=True)
    raw = bytearray(home.journal.segment(0).read_bytes())
    raw[len(raw) // 2] ^= 1
    other.journal.segment(0).write_bytes(raw)
    other.journal.mark.write_bytes(home.journal.mark.read_bytes())
    answer = call(other, "check", "trades", "--no-replay")
    assert isinstance(answer.exception, Failed)
    assert "wrong" in answer.stdout
    with pytest.raises(Damaged), Runner(other, shipped()) as runner:
        runner.run(lambda: False)
    answer = call(other, "check", "trades", "--no-replay", "--mend")
    assert answer.exit_code == 0, answer.output
    assert mend(other.journal, 0) == []


def test_metrics_are_of_every_stage(home):
    families = {family.name: family for family in StreamMetrics(home.workspace).collect()}
    rows = {
        (sample.labels["source"], sample.labels["what"]): sample.value
        for sample in families["qraft_stream_rows"].samples
    }
    assert rows["trades", "raw"] == rows["others", "events"] == COUNT
    assert {"qraft_stream_lag_seconds", "qraft_stream_watermark_seconds",
            "qraft_stream_dropped", "qraft_stream_connections"} <= set(families)  # fmt: skip


def test_another_source_is_joined_by_what_it_committed():
    spec = parse(
        document(more="then:\n  - join: {source: others, columns: {close: other_close}}\n"), known()
    )
    assert joined_by(spec) == ["others"]
    bars = pl.DataFrame(
        {"symbol": ["S0"], "ts": [1_704_160_801_000_000], "close": [1.5]}
    ).with_columns(pl.col("ts").cast(pl.Datetime("us", "UTC")))
    commit = Commit(Facts(begin=(0, 0), end=(0, 9), newest_us=1), {"bars": bars})
    [said] = [json.loads(each) for each in joined_bodies("others", commit)]
    assert (said["source"], said["symbol"], said["ts_us"]) == ("others", "S0", 1704160801000000)
    assert said["values"]["close"] == 1.5


def test_a_pattern_wakes_studies_and_its_event_names_where_it_was_found():
    pattern = {
        "pattern_id": ["ab12"], "type": ["anomaly"], "ts": [1_704_160_801_000_000],
        "symbol": ["S0"], "source": ["$price"], "detector": ["gaussian_scorer"],
        "confidence": [0.99], "severity": [7.5],
    }  # fmt: skip
    frame = pl.DataFrame(pattern).with_columns(pl.col("ts").cast(pl.Datetime("us", "UTC")))
    commit = Commit(Facts(begin=(0, 0), end=(3, 4711), newest_us=1), {"patterns": frame})
    [event] = pattern_events("trades", commit)
    assert event.event_id == "trades/ab12@3:4711"
    grave = TriggerSpec(on="anomaly_detected", source="trades", where={"severity": {"min": 5}})
    assert wakes(grave, event, "a_study")
    slight = TriggerSpec(on="anomaly_detected", where={"severity": {"min": 50}})
    assert not wakes(slight, event, "a_study")
