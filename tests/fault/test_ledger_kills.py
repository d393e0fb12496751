"""Writers killed in the middle of appends, and forty at once: no half entry, no gap, none lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from configs.children import HOME, child_environment

if TYPE_CHECKING:
    from pathlib import Path

KILLS = int(os.environ.get("QRAFT_LEDGER_KILLS", "50"))
WRITERS, EACH = 40, 5


def play(folder: Path, *scene: object) -> dict[str, Any]:
    """Play a scene on a machine that has no key and no ledger yet."""
    state = folder / "state"
    done = subprocess.run(
        [sys.executable, "-m", "tests.fault.kill_ledger", *map(str, scene)],
        env=child_environment({"QRAFT_STATE": str(state), "PYTHONPATH": str(HOME)}), cwd=HOME,
        text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.slow
def test_killed_writers_leave_a_whole_ledger_and_lose_nothing_they_confirmed(tmp_path):
    told = play(tmp_path, "kills", tmp_path / "lake", KILLS)
    assert told["kills"] == KILLS
    assert told["confirmed"] >= KILLS


def test_forty_writers_at_once_share_no_number_and_lose_nothing(tmp_path):
    told = play(tmp_path, "writers", tmp_path / "lake", WRITERS, EACH)
    assert told == {"writers": WRITERS, "processes": WRITERS // 2, "confirmed": WRITERS * EACH}
