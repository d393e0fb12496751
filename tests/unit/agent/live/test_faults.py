"""Lines that are cut, documents that change and flows that lag: what is missing is known."""

import asyncio
import json
import threading
import time
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from agent.live.flow.commits import commits
from agent.live.flow.flowing import Runner
from agent.live.flow.making import known, shipped
from agent.live.flow.replaying import compare
from agent.live.home import SourceHome
from agent.live.recording.connecting import connect
from agent.live.recording.recorder import Recorder
from agent.live.recording.reloading import Watched
from configs.settings import Settings
from storage.journal.reader import Reader
from storage.journal.record import BEGINNING, Kind
from taskspecs.sources.load import restore
from tests.live import body, document, workspace_with

CUTS, BETWEEN, MISSED = 5, 200, 4
RELOADS = 12


def records(home):
    reader = Reader(home.journal)
    found = []
    while some := reader.read():
        found += some
    reader.close()
    return found


def flow_to_the_end(home):
    with Runner(home, shipped(), say=lambda *_: None) as runner:
        while runner.step():
            pass


@pytest.fixture
def cutting():
    """Serve trades, cut the line after every so many, and pass over some that nobody then sees."""
    sent = []
    place = iter(range(CUTS + 1))

    def play(line):
        turn = next(place, None)
        if turn is None:
            return
        first = turn * (BETWEEN + MISSED)
        for n in range(first, first + BETWEEN):
            line.send(body(n, symbols=1), text=True)
            sent.append(n)
        if turn == CUTS:
            with suppress(ConnectionClosed):
                line.recv()

    with serve(play, "127.0.0.1", 0, compression=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.socket.getsockname()[1], sent


def test_every_cut_is_a_record_and_every_gap_a_row(tmp_path, cutting):
    port, sent = cutting
    home = SourceHome(workspace_with(tmp_path), "trades")
    path = tmp_path / "sources" / "trades.yaml"
    address = f'"ws://127.0.0.1:{port}/feed", min_uptime_s: 0, backoff_s: [0.02, 0.1]'
    path.write_text(path.read_text().replace('"ws://127.0.0.1:9/feed"', address))

    async def run():
        work = Recorder(
            home, Watched(path, known()), connect(home.workspace, Settings()), say=lambda *_: None
        )
        running = asyncio.create_task(work.run())
        total = (CUTS + 1) * BETWEEN
        while sum(record.kind is Kind.RAW for record in records(home)) < total:
            await asyncio.sleep(0.05)
        work.stop()
        await running

    asyncio.run(run())
    kinds = [record.kind for record in records(home)]
    assert kinds.count(Kind.OPENED) == CUTS + 1
    assert kinds.count(Kind.CLOSED) >= CUTS
    flow_to_the_end(home)
    gaps = [
        row
        for _, commit in commits(home.outputs, BEGINNING)
        for row in (commit.tables["gaps"].to_dicts() if "gaps" in commit.tables else [])
    ]
    missing = [(g["first"], g["last"]) for g in gaps if g["last"] >= 0]
    wanted = [
        (turn * (BETWEEN + MISSED) + BETWEEN, (turn + 1) * (BETWEEN + MISSED) - 1)
        for turn in range(CUTS)
    ]
    assert sorted(set(missing)) == wanted, gaps
    raws = [json.loads(r.body)["t"] for r in records(home) if r.kind is Kind.RAW]
    assert raws == sent
    assert compare(home, shipped()).holds


def test_documents_that_change_again_and_again_lose_nothing(tmp_path):
    home = SourceHome(workspace_with(tmp_path), "trades")
    path = tmp_path / "sources" / "trades.yaml"
    ended = asyncio.Event()
    sent = []

    async def feed(_spec, sink):
        while not ended.is_set():
            for _ in range(20):
                sent.append(body(len(sent)))
                await sink.put(Kind.RAW, sent[-1])
            await asyncio.sleep(0.02)

    async def run():
        work = Recorder(home, Watched(path, known()), feed, say=lambda *_: None)
        running = asyncio.create_task(work.run())
        await asyncio.sleep(0.5)
        for turn in range(RELOADS):
            path.write_text(document(lateness_ms=300 + turn, more=f"features: {{a{turn}: $close}}"))
            wanted = turn + 2
            while sum(record.kind is Kind.SPEC for record in records(home)) < wanted:
                await asyncio.sleep(0.05)
        ended.set()
        await running

    asyncio.run(run())
    found = records(home)
    assert [record.body for record in found if record.kind is Kind.RAW] == sent
    specs = [restore(record.body) for record in found if record.kind is Kind.SPEC]
    assert [spec.order.lateness_ms for spec in specs] == [500, *range(300, 300 + RELOADS)]
    flow_to_the_end(home)
    equality = compare(home, shipped())
    assert equality.holds, list(equality.differing())
    assert equality.rows["events"][0] > len(sent) * 0.9  # the last ones wait for their watermark


def test_a_flow_that_lags_catches_up_and_says_how_far_behind_it_is(tmp_path):
    home = SourceHome(workspace_with(tmp_path), "trades")
    path = tmp_path / "sources" / "trades.yaml"

    async def feed(_spec, sink):
        for n in range(20_000):
            await sink.put(Kind.RAW, body(n))

    asyncio.run(Recorder(home, Watched(path, known()), feed, say=lambda *_: None).run())
    time.sleep(0.5)
    with Runner(home, shipped(), say=lambda *_: None) as runner:
        runner.step(100)
        runner._write_status("running")
        behind = json.loads(home.status("flow").read_text())["behind_s"]
        assert behind >= 0.5
        while runner.step(1_000):
            assert len(runner.commits._pending) < 100
        runner._write_status("running")
        assert json.loads(home.status("flow").read_text())["behind_s"] == 0.0
    assert compare(home, shipped()).rows["events"] == (20_000, 20_000)
