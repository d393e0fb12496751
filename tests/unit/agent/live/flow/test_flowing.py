"""A flow that is ended anywhere goes on there: nothing it commits is lost, nothing comes twice."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from agent.live.flow import checkpoint
from agent.live.flow.commits import commits
from agent.live.flow.flowing import Runner
from agent.live.flow.making import known, shipped
from agent.live.flow.replaying import compare, replay
from agent.live.home import SourceHome, read_json
from agent.live.projection.projecting import Projection
from agent.live.recording.recorder import Recorder
from agent.live.recording.reloading import Watched
from agent.live.telling import GAPS, PATTERNS, Teller, keep
from configs.errors import Damaged, Failed
from configs.settings import Settings
from storage.events.boxes import Boxes
from storage.journal.archive import Archive
from storage.journal.folder import Mark
from storage.journal.record import BEGINNING, Cursor, Kind, Record
from storage.journal.sealing import retire, seal
from storage.journal.writer import HOUR_US, Writer
from storage.lake.lake import Lake
from storage.lake.objects import FolderObjects
from storage.warehouse.chdb import open_chdb
from taskspecs.sources.load import canonical
from tests.live import body, sender, workspace_with

DETECTION = """\
detection:
  - {on: events, least_confidence: 0.0, detector: {detector: gaussian_scorer, watch: $price}}
"""
COUNT = 4_000


def record(home, bodies):
    path = home.workspace.root / "sources" / "trades.yaml"
    quiet = lambda *_: None  # noqa: E731
    asyncio.run(Recorder(home, Watched(path, known()), sender(bodies), say=quiet).run())


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Return the folders of a source with a journal that brings patterns, and a gap."""
    root = tmp_path_factory.mktemp("recorded")
    home = SourceHome(workspace_with(root, more=DETECTION), "trades")
    bodies = [body(n) for n in range(COUNT) if n not in {1_000, 1_002}]
    jump = [raw.replace(b'"p": "10', b'"p": "19') for raw in bodies[2_500:]]
    record(home, bodies[:2_500] + jump)
    return home


@pytest.fixture
def home(recorded, tmp_path):
    """Return other folders, with the same journal and nothing made of it."""
    fresh = SourceHome(workspace_with(tmp_path, more=DETECTION), "trades")
    fresh.journal.path.parent.mkdir(parents=True)
    fresh.journal.path.symlink_to(recorded.journal.path)
    return fresh


def flow_to_the_end(home, *, most=700, **more):
    with Runner(home, shipped(), **more) as runner:
        while runner.step(most):
            pass
    return runner


def test_live_and_replayed_are_the_same_bytes(home):
    runner = flow_to_the_end(home)
    assert runner.commits.counts["events"] == COUNT - 2
    assert runner.commits.counts["patterns"] > 0
    equality = compare(home, shipped())
    assert equality.holds, list(equality.differing())
    assert all(live == again for live, again in equality.rows.values())
    assert replay(home.journal, shipped(), at_once=13).digests.hex() == {
        name: again for name, (_, again) in equality.digests.items()
    }


def test_it_goes_on_from_any_checkpoint_and_any_commit(home, monkeypatch):
    """Ended without a word after any step: with commits that no checkpoint knows of, and so on."""
    monkeypatch.setattr("agent.live.flow.committing.COMMIT_S", 0.0)
    chance = random.Random(7)
    while True:
        monkeypatch.setattr("agent.live.flow.flowing.CHECKPOINT_S", chance.choice([0.0, 1e9]))
        runner = Runner(home, shipped())
        runner.__enter__()
        moved = [runner.step(chance.randrange(1, 400)) for _ in range(chance.randrange(1, 12))]
        runner.commits.close()  # as a kill: nothing is settled
        if not moved[-1]:
            break
    flow_to_the_end(home)
    ends = [(commit.begin, commit.end) for _, commit in commits(home.outputs, BEGINNING)]
    assert ends[0][0] == BEGINNING
    assert all(before[1] == after[0] for before, after in pairwise(ends))
    equality = compare(home, shipped())
    assert equality.holds, list(equality.differing())


def test_what_is_not_on_the_disk_is_not_committed(home):
    home.journal.path.unlink()
    with Writer(home.journal) as writer:
        watched = Watched(home.workspace.root / "sources" / "trades.yaml", known())
        writer.append([Record(1, Kind.SPEC, canonical(watched.spec))])
        kept = writer.write([Record(2 + n, Kind.RAW, body(n)) for n in range(100)])
        with Runner(home, shipped()) as runner:
            assert runner.step() == 101
            runner.commits.commit(runner._is_durable)
            runner.commits.wait()
            assert runner.commits.committed == BEGINNING
            writer.sync()
            runner.commits.commit(runner._is_durable)
            runner.commits.wait()
            assert runner.commits.committed == kept


def test_a_damaged_checkpoint_is_said_and_the_flow_made_anew(home):
    flow_to_the_end(home)
    raw = bytearray(home.checkpoint.read_bytes())
    raw[len(raw) // 2] ^= 1
    home.checkpoint.write_bytes(raw)
    with pytest.raises(Damaged):
        checkpoint.read(home.checkpoint)
    lines = []
    flow_to_the_end(home, say=lambda said, level="info": lines.append(said))
    assert "made anew from the journal" in lines[0]
    assert compare(home, shipped()).holds


def test_a_journal_without_a_document_is_refused(home):
    home.journal.path.unlink()
    with Writer(home.journal) as writer:
        writer.append([Record(1, Kind.RAW, body(0))])
    with pytest.raises(Failed, match="does not begin with its source's document"):
        flow_to_the_end(home)


def test_patterns_and_gaps_are_told_once_and_name_their_place(home):
    flow_to_the_end(home)
    settings = Settings()
    assert Teller(home, settings).catch_up() > 0
    assert Teller(home, settings).catch_up() == 0
    home.told.unlink()
    Teller(home, settings).catch_up()  # again, as after a kill: nothing is added
    patterns = [
        row
        for _, commit in commits(home.outputs, BEGINNING)
        for row in commit.tables.get("patterns", _none()).to_dicts()
    ]
    with Boxes(home.workspace.home / "events") as boxes:
        rows = boxes.outbox._file.rows("SELECT ident, topic, state FROM outgoing")
    topics = [topic for _, topic, _ in rows]
    assert topics.count("qraft.events") == topics.count(PATTERNS) == len(patterns)
    assert topics.count(GAPS) > 0
    named = {ident.removeprefix("id:") for ident, topic, _ in rows if topic == "qraft.events"}
    assert {ident.partition("@")[0] for ident in named} == {
        f"trades/{row['pattern_id']}" for row in patterns
    }
    assert all(ident.partition("@")[2].count(":") == 1 for ident in named)
    [commit] = [c for _, c in commits(home.outputs, BEGINNING) if "patterns" in c.tables][:1]
    with Boxes(home.workspace.home / "events") as boxes:
        assert keep(boxes.outbox, "trades", commit)


def _none():
    import polars as pl

    return pl.DataFrame()


def test_the_status_says_how_it_is(home):
    flow_to_the_end(home)
    said = read_json(home.status("flow"))
    assert said["state"] == "ended"
    assert said["counts"]["events"] == COUNT - 2
    assert said["behind_s"] == 0.0


def test_the_warehouse_has_every_record_and_event_once(home, tmp_path, monkeypatch):
    monkeypatch.setattr("agent.live.projection.projecting.MOST_RECORDS", 900)
    flow_to_the_end(home)
    lake = Lake(FolderObjects(tmp_path / "lake"))
    again = iter([False, True, False, False, True, True])
    while True:
        with open_chdb(tmp_path / "warehouse", lock_timeout_s=10) as warehouse:
            projection = Projection(home, lake)
            if next(again, False):  # killed after a batch was loaded, before that was noted
                monkeypatch.setattr(projection, "_keep", _first_only(projection._keep))
            if not projection._load_raw(warehouse) + projection._load_made(warehouse):
                break
    with open_chdb(tmp_path / "warehouse", lock_timeout_s=10) as warehouse:
        _check_counts(warehouse, home)
        Projection(home, lake).begin_anew(warehouse)
        assert warehouse.rows("SELECT count() AS n FROM raw_events")[0]["n"] == 0
        Projection(home, lake).load(warehouse)
        _check_counts(warehouse, home)


def _first_only(keep):
    calls = iter([True])
    return lambda: keep() if next(calls, False) else None


def _check_counts(warehouse, home):
    records = replay(home.journal, shipped()).records
    [raw] = warehouse.rows("SELECT count() AS n, uniqExact(segment, offset) AS u FROM raw_events")
    assert (raw["n"], raw["u"]) == (records, records)
    [clean] = warehouse.rows("SELECT count() AS n, max(price) AS p FROM clean_events")
    assert clean["n"] == COUNT - 2
    assert 190 < clean["p"] < 193
    [made] = warehouse.rows("SELECT count() AS n FROM pattern_events")
    assert made["n"] > 0


def test_an_old_recording_is_sealed_replayed_and_kept_whole(tmp_path):
    """Events of long ago: nothing leaves before its archive agrees, and all of it is read."""
    home = SourceHome(workspace_with(tmp_path, more=DETECTION), "trades")
    watched = Watched(tmp_path / "sources" / "trades.yaml", known())
    began = 1_704_160_800_000_000
    with Writer(home.journal) as writer:
        writer.append([Record(began, Kind.SPEC, canonical(watched.spec))])
        for hour in range(3):
            raws = range(hour * 200, hour * 200 + 200)
            writer.append([Record(began + hour * HOUR_US + n, Kind.RAW, body(n)) for n in raws])
    lake = Lake(FolderObjects(tmp_path / "lake"))
    archive = Archive(lake, "trades")
    flow_to_the_end(home, older=archive)
    now = datetime(2026, 11, 30, tzinfo=UTC)
    projection = Projection(home, lake, now=lambda: now)
    with open_chdb(tmp_path / "warehouse", lock_timeout_s=10) as warehouse:
        projection.load(warehouse)
        assert _raw(warehouse) == 601
        projection._now = lambda: now + timedelta(days=9)
        projection.forget_old(warehouse, watched.spec.keep)
        assert _raw(warehouse) == 601  # the archive has nothing of it yet
        seal(home.journal, lake)
        assert retire(home.journal, lake, read=projection.read) == [0, 1]
        projection.forget_old(warehouse, watched.spec.keep)
        assert _raw(warehouse) == 601  # of the newest segment there is no archive yet
        with Writer(home.journal) as writer:
            writer.append([Record(began + 4 * HOUR_US, Kind.TICK, b"")])
        seal(home.journal, lake)
        assert retire(home.journal, lake, read=Cursor(3, 0)) == [2]
        projection.forget_old(warehouse, watched.spec.keep)
        assert _raw(warehouse) == 0
        projection.begin_anew(warehouse)
        projection.load(warehouse)
        assert _raw(warehouse) == 602
    assert compare(home, shipped(), older=archive).holds
    mark = Mark(home.journal.mark, write=False)
    assert mark.durable().segment == 3
    mark.close()


def _raw(warehouse):
    return warehouse.rows("SELECT count() AS n FROM raw_events")[0]["n"]
