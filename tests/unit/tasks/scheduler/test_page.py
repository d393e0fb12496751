"""What a task's page in Luigi shows, and that it can hold up no run."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tasks.dag.progress import Silent
from tasks.scheduler.page import LEAST_PAUSE_S, ShownTask, shown


class Told:
    """A task that Luigi runs: notes what its page is told."""

    def __init__(self, error=None):
        self.told = []
        self._error = error

    def _tell(self, what):
        if self._error:
            raise self._error
        self.told.append(what)

    set_status_message = set_progress_percentage = _tell


@pytest.fixture
def clock():
    return SimpleNamespace(s=0.0)


def test_the_page_is_told_once_a_second_at_most(clock):
    task = Told()
    page = ShownTask(task, Silent(), now=lambda: clock.s)
    for step in range(101):
        clock.s += LEAST_PAUSE_S / 10
        page.stage_progress("backtest", step / 100)
    assert 10 <= len(task.told) <= 11
    assert task.told == sorted(task.told)
    assert all(0 <= percent <= 100 for percent in task.told)


def test_what_begins_and_ends_is_always_told(clock):
    task = Told()
    page = ShownTask(task, Silent(), now=lambda: clock.s)
    page.stage_started("signal")
    page.stage_done("signal", 1.25, 12_345)
    page.found()
    assert task.told == [
        "signal computes", 100, "12,345 rows in 1.2 s", 100, "another process computed it"
    ]  # fmt: skip


def test_the_percentage_never_falls(clock):
    task = Told()
    page = ShownTask(task, Silent(), now=lambda: clock.s)
    for fraction in (0.2, 0.9, 0.1, -3.0, 0.5, 7.0, 0.4):
        clock.s += 2 * LEAST_PAUSE_S
        page.stage_progress("signal", fraction)
    assert task.told == [20, 90, 90, 90, 90, 100, 100]


def test_a_scheduler_that_is_gone_is_said_once_and_holds_up_nothing():
    from luigi.rpc import RPCError  # configured by `tasks`, which must come first

    said = []
    person = Silent()
    person.waiting = said.append
    page = ShownTask(Told(RPCError("gone")), person)
    for _ in range(3):
        page.stage_started("signal")
    assert len(said) == 1


def test_outside_of_a_build_there_is_no_page_and_the_reporter_comes_back():
    task = SimpleNamespace(set_status_message=None, set_progress_percentage=None)
    session = SimpleNamespace(reporter=Silent())
    before = session.reporter
    with shown(task, session) as page:
        assert session.reporter is page
        page.stage_started("signal")
    assert session.reporter is before
