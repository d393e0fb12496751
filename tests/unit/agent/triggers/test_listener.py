"""The listener: which events wake what, once each, whatever fails in between."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.runner.worker import Answer
from agent.studies import Study
from agent.triggers.dropped import Folder, to_event
from agent.triggers.listener import DEAD, Listener
from agent.triggers.matching import wakes
from agent.triggers.memory import Memory
from configs.errors import BadInput
from storage.events.envelope import EVENTS, make_event, to_bytes
from storage.events.spool import Spool
from taskspecs.load import parse
from taskspecs.rerunning import TriggerSpec

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def study(name: str, *triggers: dict) -> Study:
    text = {"name": name, "signal": {"expression": "$close"}, "triggers": list(triggers)}
    return Study(Path(f"{name}.yaml"), parse(json.dumps(text)))


class Runner:
    """Answers as it is told to, and remembers what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[str] = []
        self.paths: list[tuple[str, ...]] = []
        self._answers = list(answers)

    def __call__(self, request):
        self.asked.append(Path(request.spec).stem)
        self.paths.append(request.woken_by)
        future: Future[Answer] = Future()
        future.set_result(self._answers.pop(0) if self._answers else Answer(0, run_id="r"))
        return future


class Bench:
    def __init__(self, folder: Path) -> None:
        self.bus = Spool(folder)
        self.memory_folder = folder
        self.said: list[str] = []

    def tell(self, *events) -> None:
        self.bus.publish(EVENTS, [to_bytes(event) for event in events])

    def listen(self, studies, runner, *, seconds: float = 1.0, attempts: int = 5) -> None:
        memory = Memory(self.memory_folder)
        stop = threading.Event()
        listener = Listener(
            self.bus, studies, runner, memory, workspace=".", say=self.said.append,
            concurrency=4, attempts=attempts,
        )  # fmt: skip
        timer = threading.Timer(seconds, stop.set)
        timer.start()
        listener.listen(stop)
        timer.join()
        memory.close()

    def dead_letters(self) -> list[dict]:
        with self.bus.subscribe(DEAD, "test") as subscription:
            return [json.loads(d.body) for d in subscription.receive(0.1)]


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.bus.close()


def drift(source="us_momentum", **payload):
    return make_event("drift_detected", source, payload, ts=NOW)


@pytest.mark.parametrize(
    ("where", "payload", "expected"),
    [
        ({"confidence": {"min": 0.9}}, {"confidence": 0.95}, True),
        ({"confidence": {"min": 0.9}}, {"confidence": 0.5}, False),
        ({"confidence": {"min": 0.9}}, {"confidence": "0.95"}, False),
        ({"confidence": {"max": 1}}, {"confidence": True}, False),
        ({"symbol": ["AAPL", "IBM"]}, {"symbol": "IBM"}, True),
        ({"symbol": "AAPL"}, {"symbol": "IBM"}, False),
        ({"symbol": "AAPL"}, {}, False),
        ({"found.0.rule": "gap"}, {"found": [{"rule": "gap"}]}, True),
        ({"found.3.rule": "gap"}, {"found": [{"rule": "gap"}]}, False),
        ({"flag": 1}, {"flag": True}, False),
    ],
)
def test_conditions_on_the_payload(where, payload, expected):
    trigger = TriggerSpec(on="drift_detected", where=where)
    assert wakes(trigger, drift(**payload), "other") is expected


def test_a_study_is_not_woken_by_itself_nor_by_another_source():
    trigger = TriggerSpec(on="drift_detected", source="us_*")
    assert wakes(trigger, drift(), "other")
    assert not wakes(trigger, drift(), "us_momentum")
    assert not wakes(trigger, drift(source="crypto"), "other")


def test_an_event_told_twice_runs_a_study_once_also_after_a_restart(bench):
    runner = Runner()
    bench.tell(drift(), drift())
    bench.listen([study("a", {"on": "drift_detected"})], runner)
    bench.tell(drift())
    bench.listen([study("a", {"on": "drift_detected"})], runner, seconds=0.5)
    assert runner.asked == ["a"]


def test_one_event_wakes_all_whom_it_concerns(bench):
    runner = Runner()
    bench.tell(drift())
    studies = [study(name, {"on": "drift_detected"}) for name in ("a", "b")]
    bench.listen([*studies, study("c", {"on": "file_arrived"})], runner)
    assert sorted(runner.asked) == ["a", "b"]


def test_a_burst_is_one_run(bench):
    runner = Runner()
    bench.tell(*[drift(n=n) for n in range(20)])
    bench.listen([study("a", {"on": "drift_detected", "debounce_s": 0.4})], runner, seconds=1.5)
    assert runner.asked == ["a"]


def test_a_failure_comes_again_and_at_last_is_put_aside(bench, monkeypatch):
    monkeypatch.setattr("agent.triggers.listener.FIRST_PAUSE_S", 0.05)
    runner = Runner(*[Answer(1, error="the lake does not answer")] * 9)
    bench.tell(drift())
    bench.listen([study("a", {"on": "drift_detected"})], runner, seconds=2, attempts=3)
    assert runner.asked == ["a"] * 3
    (letter,) = bench.dead_letters()
    assert letter["reason"] == "the lake does not answer"
    assert letter["attempts"] == 3
    assert json.loads(letter["event"])["type"] == "drift_detected"


def test_what_trying_again_cannot_mend_is_put_aside_at_once(bench):
    runner = Runner(Answer(2, error="a.yaml:3: unknown key"))
    bench.tell(drift())
    bench.listen([study("a", {"on": "drift_detected"})], runner)
    assert runner.asked == ["a"]
    assert len(bench.dead_letters()) == 1


def test_what_is_no_event_is_put_aside(bench):
    bench.bus.publish(EVENTS, [b"{", b'{"type": "x"}', b"[" * 100_000])
    bench.listen([study("a", {"on": "drift_detected"})], Runner())
    assert len(bench.dead_letters()) == 3


def test_a_circle_is_broken_with_a_word(bench):
    runner = Runner()
    event = make_event("drift_detected", "b", {}, ts=NOW, meta={"path": ["a", "b"]})
    bench.tell(event)
    bench.listen([study("a", {"on": "drift_detected"})], runner)
    assert runner.asked == []
    assert any("a -> b -> a" in line for line in bench.said)


def test_the_path_is_handed_on(bench):
    runner = Runner()
    bench.tell(make_event("drift_detected", "b", {}, ts=NOW, meta={"path": ["a", "b"]}))
    bench.listen([study("c", {"on": "drift_detected"})], runner)
    assert runner.paths == [("a", "b")]


def test_a_listener_that_is_stopped_gives_back_what_waits(bench):
    bench.tell(drift())
    slow = study("a", {"on": "drift_detected", "debounce_s": 3600})
    bench.listen([slow], Runner(), seconds=0.5)
    runner = Runner()
    bench.listen([study("a", {"on": "drift_detected"})], runner)
    assert runner.asked == ["a"]


def test_one_study_never_runs_twice_at_once(bench):
    running: list[Future] = []

    def slow(request):
        assert not any(not future.done() for future in running)
        future: Future[Answer] = Future()
        running.append(future)
        threading.Timer(0.3, future.set_result, [Answer(0)]).start()
        return future

    def tell_slowly():
        for n in range(4):
            bench.tell(drift(n=n))
            time.sleep(0.15)

    teller = threading.Thread(target=tell_slowly)
    teller.start()
    bench.listen([study("a", {"on": "drift_detected"})], slow, seconds=2)
    teller.join()
    assert len(running) >= 2


def test_a_bucket_tells_of_a_file():
    stored = {"key": "lake/raw/dropped/a%20b.csv", "size": 3, "eTag": "e", "sequencer": "1"}
    record = {
        "eventTime": "2024-01-01T00:00:00.000Z",
        "s3": {"bucket": {"name": "qraft"}, "object": stored},
    }
    event = to_event(json.dumps({"Records": [record]}).encode())
    assert event.payload["name"] == "a b.csv"
    assert event == to_event(json.dumps({"Records": [record]}).encode())
    with pytest.raises(BadInput, match="notification"):
        to_event(b'{"Records": []}')


def test_a_file_is_told_when_it_no_longer_grows(tmp_path):
    (tmp_path / "old.csv").write_text("a")
    folder = Folder(tmp_path)
    growing = tmp_path / "new.csv"
    told = []
    for text in ("a", "ab", "abc", "abc", "abc", "abc"):
        growing.write_text(text) if not growing.exists() or growing.read_text() != text else None
        told += folder.arrived()
    assert [event.payload["name"] for event in told] == ["new.csv"]
    assert told[0].payload["bytes"] == 3
