"""A workspace's own Luigi scheduler as a child process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from configs.children import child_environment
from configs.errors import Failed
from configs.remedies import Mend
from tasks.scheduler.access import forget_token, new_token
from tasks.scheduler.choice import LOOPBACK, answers
from tasks.scheduler.server import PORT_TAKEN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from configs.workspace import Workspace

PORTS_TRIED = 50
START_S = 30.0
"""Seconds within which a scheduler comes up, even on a busy machine."""
STOP_S = 5.0
POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class SchedulerProcess:
    """A scheduler that answers."""

    process: subprocess.Popen[bytes]
    port: int
    token: str
    log: Path

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def owner(self) -> int:
        """The process that looks after it: this one."""
        return os.getpid()

    def wait(self) -> None:
        """Wait until it ends.

        Raises
        ------
        Failed
            If it ends by itself.
        """
        code = self.process.wait()
        raise Failed(f"the scheduler ended by itself, with {code}", hint=_tail(self.log))


@contextmanager
def started(workspace: Workspace, port: int) -> Iterator[SchedulerProcess]:
    """Run a scheduler for as long as the block lasts, at `port` or the next one that is free.

    Raises
    ------
    Failed
        If no port is free, or it does not come up; with the end of its log.
    """
    folder = workspace.home / "luigi"
    folder.mkdir(parents=True, exist_ok=True)
    for candidate in range(port, min(port + PORTS_TRIED, 65_536)):
        if not _is_free(candidate):
            continue
        process, token = _start(folder, candidate), new_token(candidate)
        try:
            _tell(process, token)
            if _comes_up(process, candidate, folder / "luigid.log"):
                yield SchedulerProcess(process, candidate, token, folder / "luigid.log")
                return
        finally:
            _stop(process)
            forget_token(candidate, token)
    raise Failed(
        f"no port from {port} on is free", remedy=Mend.SERVE_SCHEDULER(port=_any_free_port())
    )


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    state = folder / "state.pickle"
    # The lake tells what is done; an older state would only add what was deleted since.
    state.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tasks.scheduler.server", str(port), str(state)]
    with (folder / "luigid.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=child_environment(),
        )


def _tell(process: subprocess.Popen[bytes], token: str) -> None:
    """Hand it its token, by a way that no other process sees."""
    if process.stdin:
        with suppress(BrokenPipeError):
            process.stdin.write(f"{token}\n".encode())
            process.stdin.flush()


def _comes_up(process: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    """Wait until it answers; false where another program was quicker to take the port."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() == PORT_TAKEN:
            return False
        if process.poll() is not None:
            raise Failed("the scheduler does not start", hint=_tail(log))
        if answers(f"http://{LOOPBACK}:{port}"):
            return True
        time.sleep(POLL_S)
    raise Failed(f"the scheduler does not answer after {START_S:g} s", hint=_tail(log))


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _tail(log: Path, lines: int = 5) -> str:
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return f"its log {log} cannot be read"
    return "\n".join([f"the end of {log}:", *text.splitlines()[-lines:]])
