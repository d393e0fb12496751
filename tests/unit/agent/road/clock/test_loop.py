"""The clock: each time in order until it is done, also after failures, kills and wrong clocks."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.road.clock.book import Book
from agent.road.clock.loop import Clock
from agent.road.runner.worker import Answer
from agent.road.studies import Study
from configs.workspace import Workspace
from storage.locks import hold
from taskspecs.load import parse

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
AWAY = Answer(1, error="the scheduler does not answer", kind="unreachable")
FAILED = Answer(1, error="the column is empty")
DIED = Answer(1, error="the process of the run ended with -9", kind="crashed")


def hour(number: float) -> datetime:
    return BEGIN + timedelta(hours=number)


def study(name: str, catch_up: str = "all", cron: str = "0 * * * *") -> Study:
    text = f'{{name: {name}, signal: {{expression: "$close"}}, schedule: {{cron: "{cron}"'
    return Study(Path(f"{name}.yaml"), parse(f"{text}, catch_up: {catch_up}}}}}"))


class Runner:
    """Answers at once, as it is told to; then every run succeeds."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.answers: list[Answer | Exception] = []

    def __call__(self, request):
        self.asked.append(request.as_of.hour)
        future: Future[Answer] = Future()
        answer = self.answers.pop(0) if self.answers else Answer(0, run_id="r")
        if isinstance(answer, Exception):
            raise answer
        future.set_result(answer)
        return future


class Bench:
    """A workspace with one study, a runner, and a clock whose time is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.workspace = Workspace(folder)
        self.book = Book(self.workspace)
        self.runner = Runner()
        self.said: list[str] = []
        self.now = BEGIN

    def clock(self, *studies: Study, submit=None) -> Clock:
        return Clock(
            self.workspace, studies or [study("hourly")], submit or self.runner, self.book,
            say=self.said.append, now=lambda: self.now, pause_s=0.001,
        )  # fmt: skip

    def once(self, at: datetime, *studies: Study, patience_s: float = 0.0) -> list[int]:
        """Run what is due at a time, in a clock of its own; return the hours that were asked."""
        self.now = at
        self.runner.asked = []
        self.ended = self.clock(*studies).run_due(threading.Event(), patience_s=patience_s)
        return self.runner.asked

    def page(self, name="hourly"):
        return self.book.read(name)


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    bench.once(BEGIN)
    return bench


def test_a_study_that_no_clock_has_seen_begins_with_the_latest_time_that_is_due(tmp_path):
    bench = Bench(tmp_path)
    monthly = study("monthly", cron="0 0 1 * *")
    bench.once(datetime(2024, 3, 1, 0, 0, 4, tzinfo=UTC), monthly)
    assert bench.page("monthly").success.at == datetime(2024, 3, 1, tzinfo=UTC)


def test_missed_times_are_caught_up_in_order_and_once(bench):
    assert bench.once(hour(3.5)) == [1, 2, 3]
    assert bench.once(hour(3.5)) == []


@pytest.mark.parametrize(
    "trouble",
    [AWAY, DIED, Answer(2, error="AWS is not set", kind="unreachable"), OSError("no process")],
)
def test_no_time_is_lost_by_what_surrounds_the_study(bench, trouble):
    bench.runner.answers = [trouble]
    assert bench.once(hour(1)) == [1]
    assert [one.exit_code != 0 for one in bench.ended] == [True]
    bench.runner.answers = [trouble]
    assert bench.once(hour(2)) == [1]
    assert bench.once(hour(3)) == [1, 2, 3]
    assert bench.page().missed == ()


def test_a_failure_is_tried_until_it_succeeds(bench):
    bench.runner.answers = [FAILED] * 4
    assert bench.once(hour(1), patience_s=60) == [1] * 5
    assert bench.page().trying is None
    assert [one.exit_code for one in bench.ended] == [0]


def test_what_fails_until_its_next_time_is_missed_with_the_reason_and_the_next_is_run(bench):
    bench.runner.answers = [FAILED]
    bench.once(hour(1))
    assert bench.page().trying.reason == "the column is empty"
    assert bench.once(hour(2)) == [2]
    (missed,) = bench.page().missed
    assert (missed.at, missed.reason, missed.attempts) == (hour(1), "the column is empty", 1)
    assert any("missed 2024-01-01 01:00 UTC: the column is empty" in line for line in bench.said)


def test_a_process_that_dies_of_the_run_each_time_does_not_hold_up_the_study_for_ever(bench):
    bench.runner.answers = [DIED] * 5
    for _ in range(5):
        assert bench.once(hour(1)) == [1]
    assert bench.once(hour(2)) == [2]
    assert [one.attempts for one in bench.page().missed] == [5]


def test_of_missed_times_the_last_alone_supersedes_one_that_failed(bench):
    last = study("hourly", catch_up="last")
    bench.runner.answers = [AWAY]
    bench.once(hour(1), last)
    assert bench.once(hour(4), last) == [4]
    assert [one.at for one in bench.page().missed] == [hour(1)]


def test_what_is_not_made_up_for_is_tried_again_all_the_same(bench):
    never = study("hourly", catch_up="none")
    bench.runner.answers = [AWAY, AWAY]
    assert bench.once(hour(1), never, patience_s=60) == [1, 1, 1]
    assert bench.once(hour(3.5), never) == []


def test_a_clock_that_was_killed_runs_again(bench):
    def killed(request):
        raise KeyboardInterrupt

    bench.now = hour(1)
    with pytest.raises(KeyboardInterrupt):
        bench.clock(submit=killed).run_due(threading.Event())
    assert bench.once(hour(1)) == [1]


def test_never_two_at_once(bench):
    with hold(bench.workspace.locks / "clock-hourly.lock", what="hourly", timeout_s=1):
        assert bench.once(hour(1)) == []
    assert bench.once(hour(1)) == [1]


def test_one_study_delays_no_other(bench):
    never: Future[Answer] = Future()

    def submit(request):
        if request.spec == "slow.yaml":
            return never
        return bench.runner(request)

    bench.now = hour(0.5)
    slow, broken, well = study("slow"), study("broken"), study("well")
    bench.book.path("broken").mkdir(parents=True)
    clock = bench.clock(slow, broken, well, submit=submit)
    for _ in range(3):
        clock.round()
    for number in (1, 2, 3):
        bench.now = hour(number)
        for _ in range(2):
            clock.round()
    assert bench.page("well").done_until == hour(3)
    assert bench.page("broken").done_until == hour(3)
    assert bench.page("slow").success is None


def test_told_to_stop_it_begins_no_other_time_and_waits_for_the_present_one(bench):
    stop = threading.Event()
    future: Future[Answer] = Future()
    asked = []

    def submit(request):
        asked.append(request.as_of)
        future.set_running_or_notify_cancel()
        threading.Timer(0.2, future.set_result, [Answer(0, run_id="r")]).start()
        stop.set()
        return future

    bench.now = hour(40)
    (ended,) = bench.clock(submit=submit).run_due(stop)
    assert asked == [hour(1)]
    assert ended.exit_code == 0
    assert bench.page().done_until == hour(1)


def test_told_to_stop_it_lets_what_waits_for_a_worker_not_begin(bench):
    stop = threading.Event()
    waiting: Future[Answer] = Future()

    def submit(request):
        stop.set()
        return waiting

    bench.now = hour(40)
    assert bench.clock(submit=submit).run_due(stop) == []
    assert waiting.cancelled()
    assert bench.page().trying is None


@pytest.mark.parametrize(
    "torn",
    [b"", b"{", b'{"done_until": "2024-01', b"[]", b"null", b"\xff\xfe\x00",
     b'{"done_until": 1e400}', b'{"done_until": "2024-01-01T00:00:00"}',
     b'{"study": "x", "done_until": "2024-01-01T00:00Z"}',
     b"[" * 100_000],
)  # fmt: skip
def test_a_book_that_cannot_be_read_is_set_aside_and_the_latest_time_is_due(bench, torn):
    bench.book.path("hourly").write_bytes(torn)
    assert bench.once(hour(5.5)) == [5]
    (aside,) = bench.book.set_aside_before("hourly")
    assert aside.read_bytes() == torn
    assert any(aside.name in line for line in bench.said)
    assert bench.once(hour(7)) == [6, 7]


def test_the_book_of_the_first_edition_is_read(bench):
    bench.book.path("hourly").write_text('{"done_until": "2024-01-01T02:00:00+00:00"}')
    assert bench.once(hour(4)) == [3, 4]


def test_a_book_from_the_future_is_said_and_does_not_stop_the_clock(bench):
    bench.once(hour(2))
    page = bench.page()
    bench.book.write(page.succeeded(datetime(2030, 1, 1, tzinfo=UTC), "r", page.done_until))
    assert bench.once(hour(4)) == [3, 4]
    assert any("2030-01-01 00:00 UTC, ahead of the clock" in line for line in bench.said)
    assert bench.page().note == ""  # until a run succeeds


def test_a_clock_that_is_set_while_it_runs(bench):
    clock = bench.clock()

    def hours_at(moment):
        bench.now, bench.runner.asked = moment, []
        for _ in range(2 * 24):
            clock.round()
        return bench.runner.asked

    assert hours_at(hour(2)) == [1, 2]
    assert hours_at(hour(5)) == [3, 4, 5]  # set forward, or the machine slept
    assert hours_at(hour(2.5)) == []  # set back
    assert hours_at(hour(3)) == [3]
    assert hours_at(hour(6)) == [4, 5, 6]


def test_more_than_can_be_made_up_for_is_said(bench):
    bench.now = BEGIN + timedelta(days=200)
    bench.clock().round()
    (missed,) = bench.page().missed
    assert "more than 1,000" in missed.reason


def test_a_study_that_changes_goes(bench):
    clock = bench.clock()
    bench.now = hour(1)
    clock.round()
    clock.replace([study("other")])
    clock.round()
    clock.round()
    assert bench.page("hourly").done_until == hour(1)
    assert bench.page("other") is not None
    clock.replace([study("other", cron="30 * * * *")])
    assert list(clock.next_times(1)) == ["other"]
    assert clock.next_times(1)["other"] == [hour(1.5)]


def test_a_disk_that_takes_nothing_is_said_and_the_time_stays_due(bench, monkeypatch):
    monkeypatch.setattr(
        "agent.road.clock.book.os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full"))
    )
    bench.once(hour(1))
    assert [one.exit_code for one in bench.ended][-1] == 1
    assert any("full" in line for line in bench.said)
    monkeypatch.undo()
    assert bench.once(hour(1)) == [1]
