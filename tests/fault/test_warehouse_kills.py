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
ROWS = 20_000
RUNS = 3
BATCH_BYTES = 200_000

# Each load replaces a run's rows by as many others, in several batches: what is half done shows as
# a wrong number of rows or as rows of two generations.
LOADER = """
import sys
from itertools import count
from pathlib import Path
import polars as pl
from storage.warehouse import clickhouse
from storage.warehouse.chdb import open_chdb
folder, rows, runs, clickhouse.BATCH_BYTES = Path(sys.argv[1]), *map(int, sys.argv[2:5])
names = pl.Series("name", [f"m{i}" for i in range(rows)])
print("ready", flush=True)
for generation in count(int(sys.argv[5])):
    frame = pl.DataFrame({"name": names}).with_columns(
        value=pl.lit(float(generation)), unit=pl.lit("ratio"), note=pl.lit("x" * 20))
    with open_chdb(folder, lock_timeout_s=60) as warehouse:
        for run in range(runs):
            warehouse.replace("metrics", f"r{run}", frame)
"""

STATE = """
SELECT run_id, count() AS n, uniqExact(name) AS names, uniqExact(value) AS generations
FROM metrics GROUP BY run_id ORDER BY run_id
"""


def start_loader(folder: Path, generation: int) -> subprocess.Popen:
    arguments = [str(folder), str(ROWS), str(RUNS), str(BATCH_BYTES), str(generation)]
    loader = subprocess.Popen(
        [sys.executable, "-c", LOADER, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert loader.stdout.readline() == "ready\n"
    return loader


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_loads_leave_whole_partitions(tmp_path):
    moments = random.Random(4)
    folder = tmp_path / "warehouse"
    whole = {"n": ROWS, "names": ROWS, "generations": 1}
    for kill in range(KILLS):
        with start_loader(folder, 1_000 * kill) as loader:
            time.sleep(moments.uniform(0.0, 1.5))
            loader.send_signal(signal.SIGKILL)
        with open_chdb(folder, lock_timeout_s=10) as warehouse:
            for row in warehouse.rows(STATE):
                assert row == {"run_id": row["run_id"], **whole}, f"after kill {kill}"
            left = warehouse.rows("SELECT name FROM system.tables WHERE name LIKE 'stage%'")
            assert left == []
    with open_chdb(folder, lock_timeout_s=10) as warehouse:
        assert [row["run_id"] for row in warehouse.rows(STATE)] == [f"r{n}" for n in range(RUNS)]
