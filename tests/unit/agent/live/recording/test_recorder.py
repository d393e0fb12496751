"""A recorder writes what came, when it came; its document may change while it runs."""

import asyncio
import errno
import json
import os
import time

import pytest

from agent.live.home import SourceHome, read_json
from agent.live.recording.mail import letters, send
from agent.live.recording.recorder import Recorder
from agent.live.recording.reloading import Watched
from agent.live.recording.sink import JournalSink
from configs.errors import BadInput, Busy, Failed
from storage.journal.reader import Reader
from storage.journal.record import Kind
from storage.journal.writer import Writer
from taskspecs.sources.load import ANYTHING, restore
from tests.live import body, document, sender, workspace_with


def records(home):
    reader = Reader(home.journal)
    found = []
    while some := reader.read():
        found += some
    reader.close()
    return found


@pytest.fixture
def home(tmp_path):
    return SourceHome(workspace_with(tmp_path), "trades")


def recorder(home, connect, lines):
    path = home.workspace.root / "sources" / "trades.yaml"
    say = lambda message, level="info": lines.append(message)  # noqa: E731
    return Recorder(home, Watched(path, ANYTHING), connect, say=say)


async def until(holds):
    while not holds():
        await asyncio.sleep(0.01)


def test_the_document_comes_first_and_messages_in_their_order(home):
    bodies = [body(n) for n in range(500)]
    asyncio.run(recorder(home, sender(bodies), []).run())
    found = [r for r in records(home) if r.kind is not Kind.TICK]
    assert [r.kind for r in found[:2]] == [Kind.SPEC, Kind.OPENED]
    assert restore(found[0].body).name == "trades"
    assert [r.body for r in found if r.kind is Kind.RAW] == bodies
    arrivals = [r.arrival_us for r in found]
    assert arrivals == sorted(arrivals)
    status = read_json(home.status("record"))
    assert status["state"] == "ended"
    assert status["counts"]["raw"] == 500


def test_the_clock_ticks_while_nothing_comes(home):
    async def quiet():
        work = recorder(home, sender([], forever=True), [])
        running = asyncio.create_task(work.run())
        await until(lambda: any(r.kind is Kind.TICK for r in records(home)))
        work.stop()
        await running

    asyncio.run(quiet())


def test_a_change_is_a_record_and_a_mistake_is_answered_where_it_stands(home):
    lines = []
    path = home.workspace.root / "sources" / "trades.yaml"

    async def change():
        work = recorder(home, sender([body(n) for n in range(50)], each=0.001, forever=True), lines)
        running = asyncio.create_task(work.run())
        await until(lambda: any(r.kind is Kind.RAW for r in records(home)))
        await asyncio.sleep(0.3)  # the watch has begun
        path.write_text(document(more="features: {last: [}\n"))
        await until(lambda: lines)
        path.write_text(document(lateness_ms=-4))
        await until(lambda: len(lines) == 2)
        await until(lambda: "lateness" in read_json(home.status("record"))["document_trouble"])
        path.write_text(document(lateness_ms=900))
        await until(lambda: len(lines) == 3)
        work.stop()
        await running

    asyncio.run(change())
    assert f"{path}:" in lines[0]
    assert f"{path}:11:" in lines[1]
    assert "key order.lateness_ms" in lines[1]
    specs = [restore(r.body) for r in records(home) if r.kind is Kind.SPEC]
    assert [spec.order.lateness_ms for spec in specs] == [500, 900]
    assert len([r for r in records(home) if r.kind is Kind.RAW]) == 50


def test_a_source_keeps_its_name(home):
    watched = Watched(home.workspace.root / "sources" / "trades.yaml", ANYTHING)
    watched.path.write_text(document("others"))
    assert not watched.look()
    assert "trades" in watched.trouble
    watched.path.write_text("nothing: at all\n")
    with pytest.raises(BadInput):
        Watched(watched.path, ANYTHING)


def test_mail_is_written_and_nothing_but_mail_is_taken(home):
    send(home.mail, Kind.FEEDBACK, {"pattern_id": "ab", "rating": -1})
    (home.mail / f"{time.time_ns():020d}-{'a' * 32}.json").write_text('{"kind": "RAW", "body": {}}')

    async def take():
        work = recorder(home, sender([], forever=True), [])
        running = asyncio.create_task(work.run())
        await until(lambda: not list(letters(home.mail)))
        work.stop()
        await running

    asyncio.run(take())
    [letter] = [json.loads(r.body) for r in records(home) if r.kind is Kind.FEEDBACK]
    assert letter["pattern_id"] == "ab"
    assert list(home.mail.iterdir()) == []


def test_one_source_is_recorded_once(home):
    with Writer(home.journal), pytest.raises(Busy, match="trades"):
        asyncio.run(recorder(home, sender([]), []).run())


def test_detection_is_thinned_by_a_record_and_is_whole_again_by_another(home):
    def behind(seconds):
        home.folder.mkdir(parents=True, exist_ok=True)
        home.status("flow").write_text(json.dumps({"behind_s": seconds}))

    def thinned():
        return [json.loads(r.body)["keep_every"] for r in records(home) if r.kind is Kind.THINNED]

    async def run():
        work = recorder(home, sender([], forever=True), [])
        running = asyncio.create_task(work.run())
        for seconds, so_far in ((40, [10]), (20, [10]), (10, [10, 1])):
            behind(seconds)
            await until(lambda so_far=so_far: thinned() == so_far)
        work.stop()
        await running

    asyncio.run(run())


def test_a_disk_that_is_full_ends_the_recorder_and_says_so(home, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    async def connect(spec, sink):
        await sink.put(Kind.RAW, b"a")
        await sink.durable()
        monkeypatch.setattr(os, "pwrite", refuse)
        while True:
            await sink.put(Kind.RAW, b"b")
            await asyncio.sleep(0.01)

    with pytest.raises(Failed, match="no space left"):
        asyncio.run(recorder(home, connect, []).run())
    monkeypatch.undo()
    assert [r.body for r in records(home) if r.kind is Kind.RAW] == [b"a"]


def test_who_puts_waits_for_a_disk_that_does_not_keep_up(tmp_path, home, monkeypatch):
    monkeypatch.setattr("agent.live.recording.sink.MOST_UNSYNCED", 1 << 20)
    fdatasync = os.fdatasync

    def slow(file):
        time.sleep(0.05)
        fdatasync(file)

    async def flood():
        with Writer(home.journal) as writer:
            async with JournalSink(writer) as sink:
                monkeypatch.setattr(os, "fdatasync", slow)
                most = 0
                for _ in range(200):
                    await sink.put(Kind.RAW, b"x" * 100_000)
                    most = max(most, sink._unsynced)
                return most, await sink.durable()

    most, end = asyncio.run(flood())
    assert most < 3 << 20
    assert end.offset > 200 * 100_000
