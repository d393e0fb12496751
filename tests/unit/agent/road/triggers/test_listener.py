"""The listener: which events wake what, once each, whatever fails in between."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.road.runner.worker import Answer
from agent.road.studies import Study
from agent.road.triggers import retrying
from agent.road.triggers.listener import DEAD, Listener
from agent.road.triggers.matching import wakes
from configs.errors import Unreachable
from storage.events.boxes import Boxes
from storage.events.envelope import EVENTS, make_event, to_bytes
from storage.events.owner import Owner
from storage.events.spool import Spool, SpoolSubscription
from taskspecs.load import parse
from taskspecs.rerunning import TriggerSpec
from tests.unit.agent.road.triggers.hostile import HOSTILE

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def study(name: str, *triggers: dict) -> Study:
    text = {"name": name, "signal": {"expression": "$close"}, "triggers": list(triggers)}
    return Study(Path(f"{name}.yaml"), parse(json.dumps(text)))


class Runner:
    """Answers as it is told to, and remembers what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[str] = []
        self.paths: list[tuple[str, ...]] = []
        self.events: list[tuple[str, ...]] = []
        self._answers = list(answers)

    def __call__(self, request):
        self.asked.append(Path(request.spec).stem)
        self.paths.append(request.woken_by)
        self.events.append(request.events)
        future: Future[Answer] = Future()
        future.set_result(self._answers.pop(0) if self._answers else Answer(0, run_id="r"))
        return future


class Bench:
    """A bus, boxes, and a listener that goes on until nothing is left to do."""

    def __init__(self, folder: Path) -> None:
        self.bus = Spool(folder)
        self.boxes = Boxes(folder)
        self.said: list[str] = []

    def tell(self, *events) -> None:
        self.bus.publish(EVENTS, [to_bytes(event) for event in events])

    def listen(self, studies, runner, *, until=None, seconds=30.0, attempts=5, **named) -> None:
        """Listen until something holds (nothing waits, by default), or for some seconds."""
        stop = threading.Event()
        listener = Listener(
            self.bus, studies, runner, self.boxes, workspace=".", say=self.said.append,
            attempts=attempts, **{"concurrency": 4, **named},
        )  # fmt: skip
        thread = threading.Thread(target=listener.listen, args=(stop,))
        thread.start()
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline and not (until or self.idle)():
                time.sleep(0.02)
        finally:
            stop.set()
            thread.join()

    def idle(self) -> bool:
        """Whether all that was told has come and been handled."""
        here = self.bus._file.rows("SELECT 1 FROM message WHERE topic <> ?", (DEAD,))
        state = self.boxes.inbox.state()
        routed = self.boxes.inbox._file.rows("SELECT min(cursor) FROM study")[0][0]
        behind = routed is not None and routed < self.boxes.inbox.newest()
        return not (here or behind or state.waiting or state.running)

    def close(self) -> None:
        self.bus.close()
        self.boxes.close()


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.close()


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
    bench.listen([study("a", {"on": "drift_detected"})], runner)
    assert runner.asked == ["a"]


def test_one_event_wakes_all_whom_it_concerns(bench):
    runner = Runner()
    bench.tell(drift())
    studies = [study(name, {"on": "drift_detected"}) for name in ("a", "b")]
    bench.listen([*studies, study("c", {"on": "file_arrived"})], runner)
    assert sorted(runner.asked) == ["a", "b"]


def test_listeners_that_know_different_studies_miss_nothing(bench):
    """What one of them took from the bus wakes the other's study too."""
    runner = Runner()
    a, b = (study(name, {"on": "drift_detected"}) for name in ("a", "b"))
    bench.boxes.inbox.follow(["a", "b"])
    bench.tell(drift())
    bench.listen([a], runner, until=lambda: runner.asked == ["a"])
    bench.listen([b], runner, until=lambda: len(runner.asked) == 2)
    assert runner.asked == ["a", "b"]


def test_a_study_that_is_added_hears_what_comes_from_then_on(bench):
    runner = Runner()
    bench.tell(drift(n=1))
    bench.listen([study("a", {"on": "drift_detected"})], runner)
    bench.boxes.inbox.follow(["b"])
    bench.tell(drift(n=2))
    bench.listen([study(name, {"on": "drift_detected"}) for name in ("a", "b")], runner)
    assert sorted(runner.asked) == ["a", "a", "b"]


def test_a_burst_is_one_run(bench):
    runner = Runner()
    bench.tell(*[drift(n=n) for n in range(20)])
    bench.listen([study("a", {"on": "drift_detected", "debounce_s": 0.4})], runner)
    assert runner.asked == ["a"]
    assert len(runner.events[0]) == 20


def test_a_steady_stream_runs_all_the_same(bench):
    """Events that never leave the quiet that is waited for: the first waits, and not for ever."""
    runner = Runner()
    ended = threading.Event()

    def tell_steadily():
        for n in range(10_000):
            bench.tell(drift(n=n))
            if ended.wait(0.05):
                return

    teller = threading.Thread(target=tell_steadily)
    teller.start()
    patient = study("a", {"on": "drift_detected", "debounce_s": 20, "max_wait_s": 20.5})
    steady = study("b", {"on": "drift_detected", "debounce_s": 0.5, "max_wait_s": 1.0})
    try:
        bench.listen([patient, steady], runner, until=lambda: runner.asked.count("b") >= 2)
    finally:
        ended.set()
        teller.join()
    assert runner.asked == ["b", "b"]


def test_a_failure_is_tried_again_and_at_last_is_a_dead_letter(bench, monkeypatch):
    monkeypatch.setattr(retrying, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setitem(retrying.KINDS, "failed", retrying.Patience(None, 0.0))
    runner = Runner(*[Answer(1, error="the lake is full\nsay so", kind="failed")] * 9)
    bench.tell(drift())
    bench.listen([study("a", {"on": "drift_detected"})], runner, attempts=3)
    assert runner.asked == ["a"] * 3
    (letter,) = bench.boxes.dead.find()
    assert (letter.study, letter.kind, letter.tries) == ("a", "failed", 3)
    assert letter.reason == "the lake is full\nsay so"
    assert bench.boxes.inbox.state().dead == {"failed": 1}


def test_an_outage_puts_nothing_aside(bench, monkeypatch):
    """However often it is tried: what is away comes back."""
    monkeypatch.setattr(retrying, "FIRST_PAUSE_S", 0.0)
    monkeypatch.setattr(retrying, "LONGEST_PAUSE_S", 0.0)
    runner = Runner(*[Answer(1, error="MinIO does not answer", kind="unreachable")] * 40)
    bench.tell(drift())
    bench.listen([study("a", {"on": "drift_detected"})], runner, attempts=2)
    assert len(runner.asked) == 41
    assert bench.boxes.dead.find() == []


def test_a_stop_is_no_try(bench):
    """Five listeners that are stopped while an event waits, and then a failure: it is not dead."""
    bench.tell(drift())
    quiet = study("a", {"on": "drift_detected", "debounce_s": 3600})
    waits = lambda: bench.boxes.inbox.state().waiting == 1  # noqa: E731
    for _ in range(5):
        bench.listen([quiet], Runner(), until=waits)
    bench.boxes._file.rows("UPDATE work SET due = 0")
    runner = Runner(Answer(1, error="once"))
    bench.listen([quiet], runner, until=lambda: runner.asked == ["a"])
    ((tries,),) = bench.boxes._file.rows("SELECT tries FROM work")
    assert tries <= 1
    assert bench.boxes.dead.find() == []


@pytest.mark.parametrize(
    "answer", [Answer(2, error="a.yaml:3: unknown key"), Answer(3, error="no")]
)
def test_what_trying_again_cannot_mend_is_a_dead_letter_at_once(bench, answer):
    runner = Runner(answer)
    bench.tell(drift())
    bench.listen([study("a", {"on": "drift_detected"})], runner)
    assert runner.asked == ["a"]
    (letter,) = bench.boxes.dead.find()
    assert letter.kind == {2: "bad_input", 3: "forbidden"}[answer.exit_code]
    assert bench.boxes.dead.replay([letter]) == 1
    bench.listen([study("a", {"on": "drift_detected"})], runner)
    assert runner.asked == ["a", "a"]
    assert bench.boxes.dead.find() == []


def test_a_run_that_cannot_even_begin_is_tried_again(bench, monkeypatch):
    monkeypatch.setattr(retrying, "FIRST_PAUSE_S", 0.01)
    asked = []

    def refuses(request):
        asked.append(request)
        if len(asked) == 1:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future: Future[Answer] = Future()
        future.set_result(Answer(0, run_id="r"))
        return future

    bench.tell(drift())
    bench.listen([study("a", {"on": "drift_detected"})], refuses)
    assert len(asked) == 2


def test_hostile_messages_end_nothing_and_are_kept(bench):
    runner = Runner()
    for topic, body in HOSTILE:
        bench.bus.publish(topic, [body])
    bench.tell(drift())
    bench.listen([study("a", {"on": "drift_detected"})], runner)
    assert runner.asked == ["a"]
    letters = bench.boxes.dead.find()
    assert sorted((letter.topic, letter.body) for letter in letters) == sorted(HOSTILE)
    assert {letter.kind for letter in letters} == {"unreadable"}
    assert all(letter.reason for letter in letters)
    assert bench.boxes.inbox.state().dead == {"unreadable": len(HOSTILE)}


def test_a_failing_study_with_a_huge_payload_is_a_dead_letter_like_any(bench):
    bench.tell(drift(text="\u6f22" * 80_000))
    bench.listen([study("a", {"on": "drift_detected"})], Runner(Answer(2, error="\u6f22" * 80_000)))
    (letter,) = bench.boxes.dead.find()
    assert len(letter.body) > 200_000
    bench.boxes.outbox.deliver(bench.bus)
    with bench.bus.subscribe(DEAD, "test") as subscription:
        (copy,) = subscription.receive(0.1)
    assert json.loads(copy.body)["study"] == "a"


def test_a_bus_that_goes_away_ends_nothing(bench, monkeypatch):
    """Neither while a message is read, nor while its dead letter is told."""
    runner = Runner()
    bench.bus.publish(EVENTS, [b"{not json"])
    bench.tell(drift())
    publish, failures = bench.bus.publish, iter(range(3))

    def away(*args, **named):
        raise Unreachable("the bus is away")

    with_trouble = SpoolSubscription._lease

    def lease(self, at_most):
        if next(failures, None) is not None:
            raise Unreachable("the bus is away")
        return with_trouble(self, at_most)

    monkeypatch.setattr(bench.bus, "publish", away)
    monkeypatch.setattr(SpoolSubscription, "_lease", lease)
    bench.listen([study("a", {"on": "drift_detected"})], runner)
    monkeypatch.setattr(bench.bus, "publish", publish)
    assert runner.asked == ["a"]
    assert len(bench.boxes.dead.find()) == 1
    assert [line for line in bench.said if "away" in line]


def test_a_circle_is_broken_with_a_word(bench):
    runner = Runner()
    event = make_event("drift_detected", "b", {}, ts=NOW, meta={"path": ["a", "b"]})
    bench.tell(event)
    bench.listen([study("a", {"on": "drift_detected"})], runner)
    assert runner.asked == []
    assert any("a -> b -> a" in line for line in bench.said)


def test_the_path_and_the_events_are_handed_on(bench):
    runner = Runner()
    event = make_event("drift_detected", "b", {}, ts=NOW, meta={"path": ["a", "b"]})
    bench.tell(event)
    bench.listen([study("c", {"on": "drift_detected"})], runner)
    assert runner.paths == [("a", "b")]
    assert runner.events == [(event.event_id,)]
    (done,) = bench.boxes.work.of_run("r")
    assert (done.ident, done.study) == (f"id:{event.event_id}", "c")


def test_what_a_killed_listener_ran_is_taken_over_at_once(bench, tmp_path):
    """Its lock went with its process; the event was not tried in vain."""
    bench.tell(drift())
    a = study("a", {"on": "drift_detected"})
    bench.listen([study("a", {"on": "drift_detected", "debounce_s": 9})], Runner(),
                 until=lambda: bench.boxes.inbox.state().waiting == 1)  # fmt: skip
    with Owner(tmp_path / "owners") as dead:
        assert len(bench.boxes.work.claim("a", dead.name)) == 1
        dead._lock.release()  # as the operating system does
        runner = Runner()
        bench.listen([a], runner)
    assert runner.asked == ["a"]


def test_what_a_living_listener_runs_is_left_to_it(bench, tmp_path):
    bench.tell(drift())
    a = study("a", {"on": "drift_detected"})
    bench.listen([study("a", {"on": "drift_detected", "debounce_s": 9})], Runner(),
                 until=lambda: bench.boxes.inbox.state().waiting == 1)  # fmt: skip
    with Owner(tmp_path / "owners") as other:
        bench.boxes.work.claim("a", other.name)
        runner = Runner()
        bench.tell(drift(n=2))
        bench.listen([a], runner, until=lambda: bench.boxes.inbox.state().waiting == 1)
        assert runner.asked == []
        bench.boxes.work.done("a", other.name, "r")
    bench.listen([a], runner)
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
    bench.listen([study("a", {"on": "drift_detected"})], slow,
                 until=lambda: not teller.is_alive() and bench.idle())  # fmt: skip
    assert len(running) >= 2


def test_many_events_of_one_study_do_not_delay_another(bench):
    """One worker is idle: the single event of b runs while a is at its hundreds."""
    held: dict[str, Future[Answer]] = {}
    asked = []

    def submit(request):
        asked.append(Path(request.spec).stem)
        future: Future[Answer] = Future()
        if asked[-1] == "a" and "b" not in asked:
            held["a"] = future
        else:
            future.set_result(Answer(0, run_id="r"))
            if not held["a"].done():
                held["a"].set_result(Answer(0, run_id="r"))
        return future

    bench.tell(*[make_event("custom.many", "test", {"n": n}) for n in range(1_200)])
    bench.tell(make_event("custom.one", "test", {}))
    bench.listen([study("a", {"on": "custom.many"}), study("b", {"on": "custom.one"})], submit)
    assert asked[:2] == ["a", "b"]


def test_studies_take_turns_where_one_worker_is_all_there_is(bench):
    asked = []

    def submit(request):
        asked.append(Path(request.spec).stem)
        future: Future[Answer] = Future()
        bench.tell(make_event(f"custom.{asked[-1]}", "test", {"n": len(asked)}))
        threading.Timer(0.05, future.set_result, [Answer(0)]).start()
        return future

    studies = [study(name, {"on": f"custom.{name}"}) for name in "abc"]
    bench.tell(*[make_event(f"custom.{name}", "test", {}) for name in "abc"])
    one = {"concurrency": 1}
    bench.listen(studies, submit, until=lambda: len(asked) >= 9, **one)
    assert sorted(asked[:3]) == sorted(asked[3:6]) == sorted(asked[6:9]) == ["a", "b", "c"]
