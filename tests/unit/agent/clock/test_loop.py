"""The clock: in order, once, and on after a failure or a kill."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.clock.book import Book
from agent.clock.loop import Clock
from agent.runner.worker import Answer
from agent.studies import Study
from configs.errors import Damaged
from configs.workspace import Workspace
from storage.locks import hold
from taskspecs.load import parse

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
SPEC = parse('{name: hourly, signal: {expression: "$close"}, schedule: {cron: "0 * * * *"}}')


class Runner:
    """Answers at once, as it is told to."""

    def __init__(self, *answers: Answer) -> None:
        self.asked: list[datetime] = []
        self._answers = list(answers)

    def __call__(self, request):
        self.asked.append(request.as_of)
        future: Future[Answer] = Future()
        future.set_result(self._answers.pop(0) if self._answers else Answer(0, run_id="r"))
        return future


@pytest.fixture
def clock(tmp_path):
    workspace = Workspace(tmp_path)
    said: list[str] = []

    def make(runner, now):
        return Clock(
            workspace, [Study(Path("hourly.yaml"), SPEC)], runner, Book(workspace),
            say=said.append, now=lambda: now, pause_s=0.0,
        )  # fmt: skip

    make.workspace, make.said = workspace, said
    return make


def hours(times):
    return [at.hour for at in times]


def test_a_new_study_has_missed_nothing_and_then_catches_up_in_order(clock):
    runner = Runner()
    assert clock(runner, BEGIN).run_due() == 0
    assert clock(runner, BEGIN + timedelta(hours=3)).run_due() == 3
    assert hours(runner.asked) == [1, 2, 3]
    assert clock(runner, BEGIN + timedelta(hours=3)).run_due() == 0


def test_a_failure_is_tried_again_and_then_passed_over_with_a_word(clock):
    runner = Runner(*[Answer(1, error="the disk is full")] * 3)
    clock(runner, BEGIN).run_due()
    clock(runner, BEGIN + timedelta(hours=2)).run_due()
    assert hours(runner.asked) == [1, 1, 1, 2]
    assert any("the disk is full" in line for line in clock.said)


def test_a_mistake_in_the_study_is_not_tried_again(clock):
    runner = Runner(Answer(2, error="no such column"))
    clock(runner, BEGIN).run_due()
    clock(runner, BEGIN + timedelta(hours=1)).run_due()
    assert hours(runner.asked) == [1]


def test_a_run_that_was_killed_runs_again(clock):
    def killed(request):
        raise KeyboardInterrupt

    clock(Runner(), BEGIN).run_due()
    with pytest.raises(KeyboardInterrupt):
        clock(killed, BEGIN + timedelta(hours=1)).run_due()
    runner = Runner()
    clock(runner, BEGIN + timedelta(hours=1)).run_due()
    assert hours(runner.asked) == [1]


def test_never_two_at_once(clock):
    clock(Runner(), BEGIN).run_due()
    locks = clock.workspace.locks
    locks.mkdir(parents=True)
    runner = Runner()
    with hold(locks / "clock-hourly.lock", what="hourly", timeout_s=1):
        assert clock(runner, BEGIN + timedelta(hours=1)).run_due() == 0
    assert runner.asked == []


def test_a_book_that_cannot_be_read_is_not_taken_for_an_empty_one(clock):
    clock(Runner(), BEGIN).run_due()
    (clock.workspace.home / "clock" / "hourly.json").write_text("{")
    with pytest.raises(Damaged, match="delete it"):
        clock(Runner(), BEGIN + timedelta(hours=1)).run_due()
