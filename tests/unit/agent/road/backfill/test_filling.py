"""A backfill runs its partitions in order, finds what is done, and gives up in time."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

from agent.road.backfill.filling import GIVE_UP_AFTER, ROAD, fill
from agent.road.runner.worker import Answer

TIMES = [datetime(2012, 1, day, tzinfo=UTC) for day in range(1, 11)]


def filled(answer_of, *, stop_after=99):
    """Fill by a function that answers, and return what was asked and what became of it."""
    asked = []

    def submit(request):
        asked.append(request)
        future = Future()
        future.set_result(answer_of(request))
        return future

    path = Path("study.yaml")
    found = list(fill(Path(), path, TIMES, submit, stopped=lambda: len(asked) >= stop_after))
    return asked, found


def test_in_order_and_what_is_done_is_found():
    done = {TIMES[0], TIMES[3]}
    asked, found = filled(
        lambda r: Answer(
            0, run_id=f"r{r.as_of.day}", computed=() if r.as_of in done else ("report",)
        )
    )
    assert [request.as_of for request in asked] == TIMES
    assert {request.road for request in asked} == {ROAD}
    assert [each.as_of for each in found if each.state == "found"] == sorted(done)
    assert [each.run_id for each in found] == [f"r{at.day}" for at in TIMES]


def test_one_failure_does_not_hold_up_the_others_and_many_do():
    _, found = filled(lambda r: Answer(1 if r.as_of == TIMES[2] else 0, error="no"))
    assert [each.state for each in found].count("failed") == 1
    assert len(found) == len(TIMES)
    _, found = filled(lambda r: Answer(0 if r.as_of < TIMES[4] else 2, error="no"))
    assert len(found) == 4 + GIVE_UP_AFTER


def test_it_stops_between_two_partitions():
    asked, found = filled(lambda _: Answer(0), stop_after=3)
    assert len(asked) == len(found) == 3
