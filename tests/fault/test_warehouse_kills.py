"""Kill -9 in the middle of loads: whole partitions, none of them twice, and the next load works."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storage.warehouse.chdb import open_chdb

ROOT = Path(__file__).parents[2]
KILLS = 25
ROWS = 500
RUNS = ["r0", "r1", "r2"]

# A load replaces the rows of a run, in several batches, by as many of the next generation: what is
# half done shows as a wrong number of rows, or as rows of two generations.
LOADER = """
import os, signal, sys
from itertools import count
from pathlib import Path
import polars as pl
from storage.warehouse import clickhouse
from storage.warehouse.chdb import open_chdb

folder, rows, first, fatal_step = Path(sys.argv[1]), *map(int, sys.argv[2:])
clickhouse.BATCH_BYTES = 10_000
names = pl.Series("name", [f"m{i}" for i in range(rows)])

class Doomed:
    "A client in whose process nothing happens after so many statements."
    def __init__(self, client, steps):
        self.client, self.steps = client, steps
    def __getattr__(self, name):
        if name in {"command", "insert_arrow"}:
            self.steps -= 1
            if self.steps == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return getattr(self.client, name)

with open_chdb(folder, lock_timeout_s=60) as warehouse:
    if fatal_step:
        warehouse._client = Doomed(warehouse._client, fatal_step)
    print("ready", flush=True)
    for generation in (count(first) if not fatal_step else [first]):
        for run in ("r0", "r1", "r2"):
            warehouse.replace("metrics", run, pl.DataFrame({"name": names}).with_columns(
                value=pl.lit(float(generation)), unit=pl.lit("ratio"), note=pl.lit("x" * 20)))
"""

STATE = """
SELECT run_id, count() AS n, uniqExact(name) AS names, uniqExact(value) AS generations
FROM metrics GROUP BY run_id ORDER BY run_id
"""
LEFTOVERS = "SELECT name FROM system.tables WHERE name LIKE 'stage%' OR name LIKE 'ready%'"


def start_loader(folder: Path, generation: int, fatal_step: int = 0) -> subprocess.Popen:
    arguments = [str(folder), str(ROWS), str(generation), str(fatal_step)]
    loader = subprocess.Popen(
        [sys.executable, "-c", LOADER, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert loader.stdout.readline() == "ready\n"
    return loader


def check(folder: Path) -> list[str]:
    """Return the runs that are there, each of them whole."""
    with open_chdb(folder, lock_timeout_s=10) as warehouse:
        rows = warehouse.rows(STATE)
        assert warehouse.rows(LEFTOVERS) == []
    for row in rows:
        assert row == {**row, "n": ROWS, "names": ROWS, "generations": 1}
    return [row["run_id"] for row in rows]


@pytest.mark.slow
def test_loads_killed_at_random_moments_leave_whole_partitions(tmp_path):
    moments = random.Random(4)
    for kill in range(KILLS):
        with start_loader(tmp_path / "w", 1_000 * kill) as loader:
            time.sleep(moments.uniform(0.0, 0.4))
            loader.send_signal(signal.SIGKILL)
        check(tmp_path / "w")
    assert check(tmp_path / "w") == RUNS


@pytest.mark.slow
def test_a_load_killed_before_any_of_its_statements_is_whole_afterwards(tmp_path):
    never = 1_000
    with start_loader(tmp_path / "w", 1, fatal_step=never) as loader:
        assert loader.wait(60) == 0
    for step in range(1, never):
        with start_loader(tmp_path / "w", 10 + step, fatal_step=step) as loader:
            finished = loader.wait(60) == 0
        assert check(tmp_path / "w") == RUNS
        if finished:
            break
    assert step > 15
