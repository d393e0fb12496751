"""Kill -9 in a sweep, then the same command: what was done is kept, and nothing tried twice."""

from __future__ import annotations

import signal
import time

import pytest

AXES = ("--grid", "topk=1,2,3,4", "--grid", "rebalance_bars=1,2,3,4,5,6,7,8,9,10", "--jobs", "1")
POINTS = 40
WAIT_S = 200


@pytest.mark.slow
def test_a_killed_sweep_goes_on_where_it_was(shell):
    process = shell.start("sweep", "us_momentum", *AXES)
    folder = shell.workspace / ".qraft/lake/report/point"
    until = time.monotonic() + WAIT_S
    while not (done := list(folder.glob("*/manifest.json"))) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert done
    assert process.returncode == -signal.SIGKILL
    done = list(folder.glob("*/manifest.json"))
    assert len(done) < POINTS
    again = shell.json("sweep", "us_momentum", *AXES)
    assert again["points"] == POINTS
    assert again["computed"] == POINTS - len(done)
    assert again["new_trials"] == 0
    assert again["winner"]["figures"][0]["fast"] == pytest.approx(
        again["winner"]["figures"][0]["qlib"], rel=1e-9
    )
