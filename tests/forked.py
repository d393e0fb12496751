"""Commands in processes of their own that need not start Python and import everything anew.

A fork server (of the standard library) imports what commands need once; each command is a fork of
it, with its own folder, environment, output and exit code. What a command does to its process ends
with it, as it would for a person.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Nothing that starts threads when imported, as chDB does: a fork would miss them and hang.
# `tasks` comes first: it says where Luigi's settings are, which Luigi reads when it is imported.
IMPORTED = (
    "tasks", "agent.cli.main", "agent.cli.runs.run", "arch.bootstrap", "clickhouse_connect",
    "duckdb",
    "jinja2", "luigi", "numba.np.arraymath", "pandas", "plotly.graph_objects", "polars",
    "pyarrow.parquet", "rich.table", "river.drift", "scipy.stats", "tasks.backtest.judge.play",
    "tasks.runs.build", "tasks.detection.drift.adwin", "tasks.report.page", "tasks.runs.run",
)  # fmt: skip


def run(
    arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run `qraft` with these arguments in this folder and environment, and nothing else."""
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(list(IMPORTED))
    with tempfile.TemporaryDirectory(prefix="qraft-output-") as kept:
        out, err = Path(kept, "out"), Path(kept, "err")
        command = forks.Process(
            target=_become,
            args=(list(arguments), str(folder), dict(environment), str(out), str(err)),
        )
        command.start()
        command.join()
        exit_code = command.exitcode
        command.close()
        told = [file.read_text() if file.exists() else "" for file in (out, err)]
    return subprocess.CompletedProcess(["qraft", *arguments], exit_code or 0, *told)


def _become(
    arguments: list[str], folder: str, environment: dict[str, str], out: str, err: str
) -> None:
    """Be the command, from its first file number on."""
    for number, path in enumerate((os.devnull, out, err)):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, "r", closefd=False)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["qraft", *arguments]
    from agent.cli.main import main

    code: object = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # What a program does when it ends; multiprocessing would wait for idle workers instead.
        threading._shutdown()
        atexit._run_exitfuncs()
    os._exit(code if isinstance(code, int) else int(code is not None))
