"""How long a ledger of many entries takes: opened by a command, folded, verified, added to.

Writes a ledger of so many signed entries (trials of a few families, with their outcomes), then
times, each in seconds: reading all of it for the first time on a machine; opening and folding it in
a process of its own, as every command does, from what the machine remembers; an entry added; a
full verification. The sum of opening and folding is what a command pays.

    .venv/bin/python scripts/bench/ledger.py [--entries N] [--appends N] [--verify] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from storage.lake.objects import FolderObjects  # noqa: E402
from storage.ledger import Ledger  # noqa: E402
from storage.ledger.entry import Head, follow  # noqa: E402
from storage.ledger.runner import installed_runner  # noqa: E402

COMMAND = """
import json, sys, time
from pathlib import Path
began = time.perf_counter()
from gate.approval.clock import latest, now_utc
from gate.evidence.families import Families
from gate.evidence.outcomes import outcomes
from gate.policy.file import shipped_policy
from gate.strategies.strategies import stand
from storage.ledger import Ledger
from storage.lake.objects import FolderObjects
imported, imported_cpu = time.perf_counter(), time.process_time()
ledger = Ledger(FolderObjects(Path(sys.argv[1])))
entries = ledger.entries()
opened = time.perf_counter()
stand(entries, shipped_policy())
Families(entries)
outcomes(entries)
latest(entries, now_utc())
folded = time.perf_counter()
cpu = time.process_time() - imported_cpu
print(json.dumps({"import_s": imported - began, "open_s": opened - imported,
                  "fold_s": folded - opened, "processor_s": cpu}))
"""


def write(folder: Path, count: int) -> float:
    """Write entries as Qraft does, but for the flush of each; return the seconds that it took."""
    runner, head, ledger = installed_runner(), Head(), ""
    began, at = time.perf_counter(), datetime(2026, 1, 1, tzinfo=UTC)
    (folder / "ledger").mkdir(parents=True)
    for number in range(1, count + 1):
        kind, body = _entry(number)
        moment = (at + timedelta(seconds=number)).isoformat(timespec="microseconds")
        entry = follow(
            head, kind=kind, at=moment, actor="sweep", body=body, runner=runner, ledger=ledger
        )
        ledger = ledger or entry.hash
        head = entry.head
        (folder / entry.path).write_bytes(entry.to_json())
    return time.perf_counter() - began


def _entry(number: int) -> tuple[str, dict[str, Any]]:
    run_id = f"{number // 2:012x}"
    if number % 2:
        return "trial", {
            "run_id": run_id, "strategy": f"study@{run_id}", "family": f"{number % 7:016x}",
            "road": "sweep", "spec": f"{number:064x}", "data": f"{number % 7:064x}",
            "print": f"{number % 7:016x}",
        }  # fmt: skip
    ended = {
        "run_id": f"{(number - 1) // 2:012x}", "status": "finished", "sharpe": 0.01, "bars": 1250,
        "returns": None, "why": "",
    }  # fmt: skip
    return "outcome", {"outcomes": [ended]}


def measure(folder: Path, count: int, appends: int, verified: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"entries": count, "write_s": write(folder, count)}
    found["first_read"] = _command(folder)
    rounds = [_command(folder) for _ in range(3)]
    found["command"] = {name: median(r[name] for r in rounds) for name in rounds[0]}
    found["command_s"] = found["command"]["open_s"] + found["command"]["fold_s"]

    ledger = Ledger(FolderObjects(folder))
    ledger.entries()
    took = []
    for number in range(count + 1, count + appends + 1):
        kind, body = _entry(number)
        began = time.perf_counter()
        ledger.append(kind, body, actor="sweep")
        took.append(time.perf_counter() - began)
    found["append_ms"] = {"median": 1e3 * median(took), "worst": 1e3 * max(took)}
    if verified:
        began = time.perf_counter()
        found["whole"] = ledger.verify().ok
        found["verify_s"] = time.perf_counter() - began
    return found


def _command(folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, str(folder)], check=True, stdout=subprocess.PIPE, cwd=ROOT
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--appends", type=int, default=50)
    parser.add_argument("--verify", action="store_true", help="also time a full verification")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qraft-bench-ledger-") as folder:
        os.environ["QRAFT_STATE"] = str(Path(folder) / "state")
        found = measure(
            Path(folder) / "lake", arguments.entries, arguments.appends, arguments.verify
        )
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    print(f"{found['entries']} entries: opened and folded in {found['command_s']:.2f} s")
    print(f"an entry is added in {found['append_ms']['median']:.1f} ms (median)")


if __name__ == "__main__":
    main()
