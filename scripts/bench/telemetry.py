"""What telemetry costs a run: the CPU of its lines and of the thread that sends them.

All in one process, beside the demo's own CPU time. The demo runs once to compile what is compiled,
and then in a workspace where nothing is done yet, while a thread sends its lines to a stand-in of
OpenObserve in another process. Its very lines are then written again, many times.
Usage: scripts/bench/telemetry.py [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from configs.settings import Settings
from configs.workspace import Workspace, open_workspace
from storage.telemetry.lines import record
from storage.telemetry.openobserve import PASSWORD
from storage.telemetry.shipping import shipping
from tasks.runs.run import run
from taskspecs.catalogue import find
from taskspecs.load import load

if TYPE_CHECKING:
    from collections.abc import Iterator

DEMO = "us_momentum"
ROOT = Path(__file__).parents[2]
STAND_IN = ROOT / "tests" / "stand_ins" / "openobserve_http.py"
PATIENCE_S = 30.0


def measure(rounds: int) -> dict[str, float]:
    """Return the CPU seconds of the demo, of writing its lines, and of sending them."""
    with tempfile.TemporaryDirectory() as folder, openobserve() as url:
        spaces = [Path(folder, name) for name in ("cold", "warm", "lines")]
        for space in spaces:
            space.mkdir()
        _run(open_workspace(str(spaces[0])), Settings())
        warm = open_workspace(str(spaces[1]))
        run_s, sending_s = _run_sending(warm, Settings(telemetry=url))
        lines = warm.telemetry.read_text().splitlines()
        lines_s = _write(open_workspace(str(spaces[2])), lines, rounds)
    return {
        "lines": len(lines),
        "run_cpu_s": run_s,
        "lines_cpu_s": lines_s,
        "sending_cpu_s": sending_s,
        "overhead_percent": 100 * (lines_s + sending_s) / (run_s - sending_s),
    }


@contextmanager
def openobserve() -> Iterator[str]:
    """Run the stand-in as long as the block lasts; say where it is."""
    os.environ[PASSWORD] = "bench"
    process = subprocess.Popen([sys.executable, STAND_IN], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def _run(workspace: Workspace, settings: Settings) -> float:
    spec, _ = load(find(DEMO), workspace.root)
    began = time.process_time()
    run(spec, workspace, settings)
    return time.process_time() - began


def _run_sending(workspace: Workspace, settings: Settings) -> tuple[float, float]:
    """Return the CPU seconds of a run and all its threads, and of the one that sends."""
    with shipping(workspace, settings, say=print) as counts:
        sender = next(thread for thread in threading.enumerate() if thread.name == "telemetry")
        run_s = _run(workspace, settings)
        lines = len(workspace.telemetry.read_text().splitlines())
        deadline = time.monotonic() + PATIENCE_S
        while counts.sent < lines and time.monotonic() < deadline:
            time.sleep(0.05)
        sending_s = time.clock_gettime(time.pthread_getcpuclockid(sender.ident))
    if counts.sent < lines:
        sys.exit(f"{counts.sent} of {lines} lines were sent")
    return run_s, sending_s


def _write(workspace: Workspace, lines: list[str], rounds: int) -> float:
    """Return the CPU seconds of writing the lines once, as a mean of many times."""
    told = [json.loads(line) for line in lines]
    for facts in told:
        del facts["at"]
    began = time.process_time()
    for _ in range(rounds):
        for facts in told:
            record(workspace, **facts)
    return (time.process_time() - began) / rounds


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    measured = measure(asked.rounds)
    if asked.json:
        print(json.dumps(measured))
        return
    for name, value in measured.items():
        print(f"{name:<18} {value:,.4g}")


if __name__ == "__main__":
    main()
