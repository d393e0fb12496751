"""Processes of ours that are kept running: begun anew when they end, ended when we end."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from configs.children import child_environment
from configs.errors import Failed

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

LOOK_S: Final = 0.2
STOP_S: Final = 15.0


def child_part(*arguments: str) -> Callable[[threading.Event], None]:
    """Return the work of a part: a process of `agent.live.processes`, until told to stop.

    The child's standard input is a line to this process: when it closes, for whatever reason,
    the child ends.
    """
    command = [sys.executable, "-m", "agent.live.processes", *arguments]

    def work(stop: threading.Event) -> None:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            command, stdin=subprocess.PIPE, env=child_environment()
        )
        try:
            while child.poll() is None:
                if stop.wait(LOOK_S):
                    return
            raise Failed(f"its process {child.pid} ended with {_said(child.returncode)}")
        finally:
            end(child)

    return work


def end(child: subprocess.Popen[bytes], *, wait_s: float = STOP_S) -> None:
    """End a child: let it finish, then not."""
    if child.stdin is not None:
        with suppress(OSError):
            child.stdin.close()
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(wait_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _said(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
