"""Who holds a lease, and whether that process is known to have died."""

from __future__ import annotations

import json
import os
import socket
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

PROC = Path("/proc")
DEAD_STATES = frozenset("ZX")
"""A killed process that its parent has not asked after is dead, too."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds a lease.

    Attributes
    ----------
    token
        One for each time that a lease is taken: no two holders are equal.
    host
        The machine's name, for people.
    kernel
        What tells apart machines, their boots, and containers whose process ids mean other
        processes; empty where the system does not say.
    pid, started
        The process, and when it started in clock ticks since boot; a process id alone is used
        again.
    """

    token: str
    host: str
    kernel: str
    pid: int
    started: int

    @classmethod
    def here(cls) -> Holder:
        """Return this process as a holder."""
        pid = os.getpid()
        return cls(uuid.uuid4().hex, socket.gethostname(), _kernel(), pid, _started(pid))

    @property
    def is_dead(self) -> bool:
        """Whether it is known to have died; of another machine's processes nothing is known."""
        if not self.kernel or self.kernel != _kernel():
            return False
        return _started(self.pid) != self.started

    def __str__(self) -> str:
        """Name it for a person."""
        return f"process {self.pid} on {self.host}"

    def to_json(self) -> bytes:
        """Write it."""
        return json.dumps(asdict(self), sort_keys=True).encode()


def read_holder(raw: bytes) -> Holder | None:
    """Read a holder; None if it cannot be read, as of a later version of Qraft."""
    try:
        value = json.loads(raw)
        return Holder(
            str(value["token"]), str(value["host"]), str(value["kernel"]),
            int(value["pid"]), int(value["started"]),
        )  # fmt: skip
    except (ValueError, TypeError, KeyError):
        return None


def _kernel() -> str:
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {(PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def _started(pid: int) -> int:
    """Return when a process started, in clock ticks since boot; 0 if it does not live."""
    try:
        stat = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    state, *fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
    return 0 if state in DEAD_STATES else int(fields[18])
