"""Kill -9 in the middle of appends: no half entry, no gap, and the next writer goes on."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storage.lake.objects import FolderObjects
from storage.ledger import Ledger

ROOT = Path(__file__).parents[2]
KILLS = 25

WRITER = """
import sys
from itertools import count
from pathlib import Path
from storage.ledger import Ledger
from storage.lake.objects import FolderObjects
ledger = Ledger(FolderObjects(Path(sys.argv[1])))
body = {"run_id": "r", "strategy": "a@1", "family": "f", "road": "command", "filling": "x" * 20_000}
print("ready", flush=True)
for n in count():
    ledger.append("trial", {**body, "n": n, "by": sys.argv[2]}, actor="writer")
    print(n, flush=True)
"""


@pytest.mark.slow
def test_killed_writers_leave_a_whole_ledger_and_lose_nothing_they_confirmed(tmp_path):
    moments = random.Random(6)
    for kill in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(kill)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        ) as writer:  # fmt: skip
            assert writer.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0.0, 0.1))
            writer.send_signal(signal.SIGKILL)
            confirmed = writer.stdout.read().count("\n")
        ledger = Ledger(FolderObjects(tmp_path))
        assert ledger.verify().problems == ()
        written = [e.body["n"] for e in ledger.entries() if e.body["by"] == str(kill)]
        assert written == list(range(len(written)))
        assert confirmed <= len(written) <= confirmed + 1
    assert ledger.append("halt", {"strategy": "*"}, actor="a person").seq > KILLS
