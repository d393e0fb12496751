"""Run the partitions of a backfill, in order; what is done already is found."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agent.road.runner.worker import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from datetime import datetime
    from pathlib import Path

    from agent.road.runner.worker import Answer

ROAD = "backfill"
GIVE_UP_AFTER = 3
"""So many failures in a row, and the next would fail as well."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of one partition."""

    as_of: datetime
    state: Literal["computed", "found", "failed"]
    run_id: str
    computed: tuple[str, ...]
    seconds: float
    error: str
    exit_code: int


def fill(
    workspace: Path,
    spec: Path,
    times: Sequence[datetime],
    submit: Callable[[Request], Future[Answer]],
    *,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Filled]:
    """Run a study as of each time, and yield what became of it; end early if it goes on failing.

    Each partition is a build of its own for Luigi, of as many tasks as a run has stages: however
    many partitions there are, no build grows with them.

    Parameters
    ----------
    spec
        The TaskSpec's file.
    times
        UTC, in order.
    submit
        Starts a run in a process that is made anew now and then.
    stopped
        Asked between two partitions.
    """
    failures = 0
    for as_of in times:
        if stopped() or failures >= GIVE_UP_AFTER:
            return
        began = time.perf_counter()
        answer = submit(Request(str(workspace), str(spec), ROAD, as_of=as_of)).result()
        filled = _filled(as_of, answer, time.perf_counter() - began)
        failures = failures + 1 if filled.state == "failed" else 0
        yield filled


def _filled(as_of: datetime, answer: Answer, seconds: float) -> Filled:
    state: Literal["computed", "found", "failed"] = "failed"
    if answer.exit_code == 0:
        state = "computed" if answer.computed else "found"
    return Filled(
        as_of, state, answer.run_id, answer.computed, seconds, answer.error, answer.exit_code
    )
