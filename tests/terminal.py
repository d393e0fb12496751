"""A terminal of its own for a command, and a person who answers at it."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SIT_DOWN = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.executable, [sys.executable, '-m', 'agent.cli.main', *sys.argv[1:]])\n"
)
"""Makes the terminal the one that the process belongs to, then becomes the command."""
PATIENCE_S = 120.0


def typed(
    workspace: Path, answers: Sequence[tuple[str, str]], *arguments: str, folder: Path | None = None
) -> tuple[int, str]:
    """Run a command at a terminal of its own, answering each question once it is asked.

    Each answer is the words of a question, as a regular expression, and what is typed then.
    """
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", SIT_DOWN, "-w", str(workspace), *arguments],
        cwd=folder or REPOSITORY, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        env={
            **os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH", str(REPOSITORY)),
            "XDG_CONFIG_HOME": str(workspace / "config"), "NO_COLOR": "1",
        },
    ) as process:  # fmt: skip
        os.close(slave)
        waiting = select.poll()
        waiting.register(master, select.POLLIN)
        shown, left, end = "", list(answers), time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            ready = waiting.poll(200)
            try:
                shown += os.read(master, 4096).decode(errors="replace") if ready else ""
            except OSError:
                break  # the other side was closed
            if left and re.search(left[0][0], shown):
                os.write(master, f"{left.pop(0)[1]}\n".encode())
        process.wait(timeout=PATIENCE_S)
    os.close(master)
    return process.returncode, shown
