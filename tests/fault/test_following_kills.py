"""Kill -9 after each write of publishing a signal: told again, under one key, and never lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gate.policy.stages import Stage
from storage.events.envelope import PAPER
from tests.fault.kill_following import POINTS
from tests.growing import GrowingDesk

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_run_killed_while_it_publishes_publishes_when_it_is_repeated(tmp_path, monkeypatch):
    desk = GrowingDesk(tmp_path, monkeypatch)
    assert desk.received(PAPER) == []
    desk.run()
    desk.approves("ann", signed=False)
    desk.promotes(Stage.PAPER)
    for number, point in enumerate(POINTS, start=1):
        desk.days += 1
        desk.write()
        killed = subprocess.run(
            [sys.executable, "-m", "tests.fault.kill_following", str(tmp_path), point,
             desk.now.isoformat()],
            cwd=REPOSITORY, capture_output=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        following = desk.run().following
        assert following.published is not None, point
        told = [event for event in desk.received(PAPER) if event.ts == following.published]
        assert len({event.event_id for event in told}) == 1
        assert len(told) == (2 if point == "signal on the bus" else 1)
        signals = desk.ledger.entries("signal")
        assert len(signals) == len({entry.body["ts"] for entry in signals}) == number
        assert desk.ledger.verify().ok
    assert desk.next_day().following.figures["paper_bars"] == len(POINTS)
