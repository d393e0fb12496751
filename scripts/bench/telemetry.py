"""What telemetry costs a run: CPU of the lines that the demo writes, beside the demo's own.

Both in one process. The demo runs once to compile what is compiled, and then in a workspace where
nothing is done yet; its very lines are then written again, many times.
Usage: scripts/bench/telemetry.py [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from configs.settings import Settings
from configs.workspace import Workspace, open_workspace
from storage.telemetry.lines import record
from tasks.run import run
from taskspecs.catalogue import find
from taskspecs.load import load

DEMO = "us_momentum"


def measure(rounds: int) -> dict[str, float]:
    """Return the CPU seconds of the demo and of its lines, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        spaces = [Path(folder, name) for name in ("cold", "warm", "lines")]
        for space in spaces:
            space.mkdir()
        _, run_s = (_run(open_workspace(str(space))) for space in spaces[:2])
        lines = open_workspace(str(spaces[1])).telemetry.read_text().splitlines()
        lines_s = _write(open_workspace(str(spaces[2])), lines, rounds)
    return {
        "lines": len(lines),
        "run_cpu_s": run_s,
        "lines_cpu_s": lines_s,
        "overhead_percent": 100 * lines_s / run_s,
    }


def _run(workspace: Workspace) -> float:
    spec, _ = load(find(DEMO), workspace.root)
    began = time.process_time()
    run(spec, workspace, Settings())
    return time.process_time() - began


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
