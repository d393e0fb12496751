"""Kill -9 at every point of every write of every command of the gate: done or not, never half."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
REPEATS = 5
LEAST = 200


@pytest.mark.slow
def test_every_command_killed_at_every_write_is_done_or_not_and_can_be_given_again(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.fault.kill_gate", str(tmp_path), str(REPEATS)],
        cwd=REPOSITORY, text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [line for line in lines if "failed" in line] == []
    kills = [line for line in lines if "kill" in line]
    assert [kill for kill in kills if not (kill["killed"] and kill["went_on"])] == []
    assert len(kills) >= LEAST
