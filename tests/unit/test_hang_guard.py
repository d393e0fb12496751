"""A test is ended for what it does, not for how long it takes."""

from __future__ import annotations

import pytest

from tests.hang_guard import IDLE_S, PROCESSOR_S, Watched, judge, processor_s


@pytest.fixture
def watched():
    test = Watched("some test")
    assert judge(test, used=100.0, now=0.0) == ""
    return test


def test_slow_progress_on_a_busy_machine_is_no_hang(watched):
    for hour in range(1, 100):
        assert judge(watched, used=100.0 + hour * 15, now=hour * 500.0) == ""


def test_what_does_nothing_is_ended(watched):
    assert judge(watched, used=100.1, now=IDLE_S - 1) == ""
    assert "did nothing" in judge(watched, used=100.2, now=IDLE_S + 1)


def test_what_never_stops_is_ended(watched):
    assert "processor time" in judge(watched, used=101.0 + PROCESSOR_S, now=1.0)


def test_a_child_that_ended_unseen_is_progress(watched):
    assert judge(watched, used=40.0, now=IDLE_S + 1) == ""
    assert judge(watched, used=40.0, now=2 * IDLE_S - 1) == ""


def test_work_is_seen_in_the_processor_time():
    before = processor_s()
    sum(n * n for n in range(300_000))
    assert processor_s() > before
