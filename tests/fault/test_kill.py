"""Kill -9 at random moments of a run, then the same command: the same bytes, no row twice."""

from __future__ import annotations

import hashlib
import random
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from storage.manifest import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 30
TABLES = ("runs", "metrics", "patterns", "equity", "ic", "health", "lineage", "artifacts")


def results(workspace: Path) -> dict[str, str]:
    """Digest all that manifests name; read with plain file calls, not through the lake."""
    lake = workspace / ".qraft/lake"
    found = {}
    for path in sorted(lake.rglob("manifest.json")):
        raw = path.read_bytes()
        manifest = read_manifest(raw, str(path))
        found[str(path.relative_to(lake))] = hashlib.sha256(raw).hexdigest()
        for file in manifest.files:
            found[file.path] = hashlib.sha256((lake / file.path).read_bytes()).hexdigest()
    return found


def row_counts(shell) -> dict[str, int]:
    from configs.settings import load_settings
    from configs.workspace import open_workspace
    from storage.open import open_warehouse

    workspace = open_workspace(str(shell.workspace))
    with open_warehouse(load_settings(workspace), workspace) as warehouse:
        return {
            table: warehouse.rows(f"SELECT count() AS n FROM {table}")[0]["n"] for table in TABLES
        }


@pytest.mark.slow
def test_killed_runs_resume_to_the_same_bytes(shell, demo_shell):
    expected, rows = results(demo_shell.workspace), row_counts(demo_shell)
    moments = random.Random(20)
    kills = 0
    while kills < KILLS:
        process = shell.start("run", "us_momentum")
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=moments.uniform(0.2, 6.0))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
            process.communicate()
            continue
        process.communicate()
        assert process.returncode == 0
        assert (results(shell.workspace), row_counts(shell)) == (expected, rows)
        shutil.rmtree(shell.workspace / ".qraft")
    shell.run("run", "us_momentum")
    assert results(shell.workspace) == expected
    assert row_counts(shell) == rows


def test_two_commands_at_once_both_succeed(shell):
    both = [shell.start("run", "us_momentum") for _ in range(2)]
    began = time.monotonic()
    answers = [process.communicate(timeout=240) for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    assert time.monotonic() - began < 240
