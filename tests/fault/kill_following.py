"""Runs the study of a growing workspace once more, and is killed after one of its writes.

Run as ``python -m tests.fault.kill_following FOLDER POINT NOW``.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from configs.settings import Settings
from configs.workspace import Workspace
from storage.events.spool import Spool
from storage.lake.objects import FolderObjects
from storage.ledger import Ledger
from tasks.runs.run import run
from taskspecs.schema import TaskSpec
from tests.clock import Clock
from tests.growing import SPEC

POINTS = {
    "figures on the ledger": (Ledger, "append", lambda args: args[0] == "paper"),
    "signal in the lake": (FolderObjects, "put_new", lambda args: args[0].startswith("signals/")),
    "signed in the lake": (FolderObjects, "put_new", lambda args: "/sent/" in args[0]),
    "signal on the ledger": (Ledger, "append", lambda args: args[0] == "signal"),
    "signal on the bus": (Spool, "publish", lambda args: args[0].startswith("qraft.signals")),
}
"""Name to the write after which the process is gone."""


def arm(point: str) -> None:
    kind, name, meant = POINTS[point]
    write = getattr(kind, name)

    def deadly(self: Any, *args: Any, **named: Any) -> Any:
        done = write(self, *args, **named)
        if meant(args):
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(kind, name, deadly)


if __name__ == "__main__":
    arm(sys.argv[2])
    Clock(pytest.MonkeyPatch(), datetime.fromisoformat(sys.argv[3]))
    run(TaskSpec.model_validate(SPEC), Workspace(Path(sys.argv[1])), Settings())
