"""Luigi's scheduler: the workspace's own while `qraft ui` runs, one by its address, or none."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

from configs.endpoints.url import without_secrets
from configs.errors import Unreachable

if TYPE_CHECKING:
    from pathlib import Path

    from configs.settings import Settings
    from configs.workspace import Workspace

LOOPBACK = "127.0.0.1"
FILE = "ui.json"
OWN = "auto"
"""The setting by which a workspace uses its own scheduler while there is one."""
ANSWER_S = 2.0
LARGEST_ANSWER = 16 * 2**20
"""Seconds within which a scheduler answers, or counts as not there."""


@dataclass(frozen=True, slots=True)
class Running:
    """The scheduler that `qraft ui` started for a workspace."""

    pid: int
    """Of the `qraft ui` that looks after it."""
    url: str


def scheduler_url(settings: Settings, workspace: Workspace) -> str | None:
    """Return the address of the scheduler that runs are told to, or None: in process.

    Raises
    ------
    Unreachable
        If the settings name an address at which no Luigi scheduler answers.
    """
    if settings.scheduler == "local":
        return None
    if settings.scheduler != OWN:
        if not answers(settings.scheduler):
            raise Unreachable(
                f"no Luigi scheduler answers at {without_secrets(settings.scheduler)}",
                hint="start luigid there, or set `scheduler: auto`, which needs no server",
            )
        return settings.scheduler
    running = find_running(workspace)
    if running is None:
        return None
    bypass_proxies()
    return running.url


def find_running(workspace: Workspace) -> Running | None:
    """Return the workspace's own scheduler; what a killed one left behind does not count.

    It is on this machine: a file that names another host was not written by `qraft ui`.
    """
    try:
        left = json.loads(_file(workspace).read_text(encoding="utf-8"))
        running = Running(pid=int(left["pid"]), url=str(left["url"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    own = _is_loopback(running.url) and running.url.startswith("http://")
    return running if own and _alive(running.pid) and answers(running.url) else None


def announce(workspace: Workspace, running: Running) -> None:
    """Let the workspace's commands find the scheduler."""
    path = _file(workspace)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{FILE}.{running.pid}")
    draft.write_text(json.dumps(asdict(running)), encoding="utf-8")
    draft.replace(path)


def withdraw(workspace: Workspace, running: Running) -> None:
    """End what :func:`announce` began, unless another one has announced itself since."""
    path = _file(workspace)
    try:
        if json.loads(path.read_text(encoding="utf-8")) == asdict(running):
            path.unlink()
    except (OSError, ValueError):
        return


def answers(url: str) -> bool:
    """Whether a Luigi scheduler answers at an address."""
    proxies = ProxyHandler({}) if _is_loopback(url) else ProxyHandler()
    address = f"{url.rstrip('/')}/api/resource_list?data=%7B%7D"
    try:
        with build_opener(proxies).open(address, timeout=ANSWER_S) as response:
            return "response" in json.loads(response.read(LARGEST_ANSWER))
    except (OSError, ValueError, TypeError, HTTPException):
        return False


def bypass_proxies() -> None:
    """Let this process reach its own machine directly where the environment names a proxy."""
    for name in ("no_proxy", "NO_PROXY"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        if LOOPBACK not in hosts:
            os.environ[name] = ",".join([*hosts, LOOPBACK])


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in {LOOPBACK, "localhost", "::1"}


def _file(workspace: Workspace) -> Path:
    return workspace.home / FILE


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
