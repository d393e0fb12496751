"""A backtest as a process: quiet, without traces, the same whatever the hash seed and threads."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys, tempfile
tempfile.gettempdir()  # looks for a folder by writing to it, once a process
traces = []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        path, mode, flags = arguments
        if str(path) != "/dev/null" and (set(mode or "") & set("wax+") or (flags or 0) & 0o103):
            traces.append((event, str(path)))
    if event in {"os.mkdir", "os.rename", "os.remove", "os.symlink", "os.link"}:
        traces.append((event, str(arguments[0])))
sys.addaudithook(watch)

import hashlib, logging, threading
from pathlib import Path
import polars as pl
from tasks.backtest import run_backtest
from taskspecs.schema import BacktestSpec

bars, scores = pl.read_parquet(sys.argv[1]), pl.read_parquet(sys.argv[2])
spec = BacktestSpec(topk=7, n_drop=3, limit_threshold=0.06)
hook = sys.excepthook
handlers = list(logging.getLogger().handlers)
results = {}
def run(name):
    results[name] = run_backtest(bars, scores, spec, frequency="day", zone="UTC")
threads = [threading.Thread(target=run, args=(n,)) for n in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
for result in results.values():
    digest = hashlib.sha256()
    for frame in (result.equity, result.positions, result.trades, result.metrics, result.by_year):
        digest.update(frame.write_ipc(None).getvalue())
    print(digest.hexdigest())
print(traces, sys.excepthook is hook, logging.getLogger().handlers == handlers)
"""


@pytest.fixture(scope="module")
def outcomes(random_market, tmp_path_factory):
    folder = tmp_path_factory.mktemp("process")
    bars, scores = random_market(40, 80, suspended=0.1)
    bars.write_parquet(folder / "bars.parquet")
    scores.write_parquet(folder / "scores.parquet")
    home = folder / "home"
    home.mkdir()
    running = []
    for seed, threads in (("0", "1"), ("1", "2")):
        environment = {
            **os.environ, "PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": threads,
            "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(home),
        }  # fmt: skip
        command = [sys.executable, "-W", "error", "-c", PROGRAM]
        files = [str(folder / "bars.parquet"), str(folder / "scores.parquet")]
        running.append(
            subprocess.Popen(
                [*command, *files], cwd=home, env=environment, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
        )  # fmt: skip
    done = [(*process.communicate(), process.returncode) for process in running]
    return done, list(home.iterdir())


def test_two_at_once_succeed_in_silence(outcomes):
    for stdout, stderr, code in outcomes[0]:
        assert (stderr, code) == ("", 0), stdout


def test_nothing_is_written_and_no_hook_is_left(outcomes):
    done, left = outcomes
    assert left == []
    for stdout, _, _ in done:
        assert stdout.splitlines()[-1] == "[] True True"


def test_the_same_bytes_under_any_hash_seed_and_number_of_threads(outcomes):
    digests = {line for stdout, _, _ in outcomes[0] for line in stdout.splitlines()[:-1]}
    assert len(digests) == 1
