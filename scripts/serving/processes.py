"""Start servers, find them again, stop them. All they have is below one folder."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from serving.building import program
from serving.table import BY_NAME, LOOPBACK, SERVERS, Server

if TYPE_CHECKING:
    from pathlib import Path

START_S = 60.0
STOP_S = 15.0
POLL_S = 0.05
PORTS = range(15_000, 32_000)


class NotStarted(Exception):
    """A server did not come up; says where its log is."""


class Home:
    """The folder of a set of servers: their ports, process numbers, secrets, data and logs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state = folder / "servers.json"

    def read(self) -> dict[str, Any]:
        """Return what is known: ports by server, process numbers, and the secrets."""
        if self._state.exists():
            return dict(json.loads(self._state.read_text()))
        return {
            "ports": {},
            "processes": {},
            "user": "qraft",
            "password": secrets.token_urlsafe(24),
        }

    def write(self, state: dict[str, Any]) -> None:
        """Keep what is known, readable to this user only."""
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._state.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(state, indent=2, sort_keys=True))
        unfinished.replace(self._state)


def up(home: Home, names: list[str], *, free_ports: bool) -> dict[str, Any]:
    """Start what does not run yet, in the order of the table; return the state.

    Raises
    ------
    CannotBuild, NotStarted
        Those before it keep running.
    """
    state = home.read()
    for server in SERVERS:
        ports = state["ports"].setdefault(server.name, {})
        for use, usual in server.ports.items():
            ports.setdefault(use, _free_port() if free_ports else usual)
    for server in (BY_NAME[name] for name in names):
        if not runs(state["processes"].get(server.name)):
            state["processes"][server.name] = _start(home, server, state)
            home.write(state)
    return state


def down(home: Home, names: list[str]) -> None:
    """Stop what runs, in the reverse order; what does not end when asked is killed."""
    state = home.read()
    for name in reversed(names):
        process = state["processes"].pop(name, None)
        if runs(process):
            _stop(process["pid"])
        home.write(state)


def runs(process: dict[str, Any] | None) -> bool:
    """Whether a process is still the one that was started, and not another with its number."""
    return process is not None and _began(process["pid"]) == process["began"]


def _start(home: Home, server: Server, state: dict[str, Any]) -> dict[str, Any]:
    folder = home.folder / server.name
    folder.mkdir(parents=True, exist_ok=True)
    fields = _fields(server, folder, state)
    executable = program(server)
    with (folder / "log").open("ab") as log:
        child = subprocess.Popen(
            [str(executable), *(_filled(text, fields) for text in server.command[1:])],
            cwd=folder,
            env=os.environ | {k: _filled(v, fields) for k, v in server.environment.items()},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    use, path = server.health
    deadline = time.monotonic() + START_S
    while not _answers(state["ports"][server.name][use], path):
        if child.poll() is not None or time.monotonic() > deadline:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            raise NotStarted(f"{server.name} did not start; its log: {folder / 'log'}")
        time.sleep(POLL_S)
    return {"pid": child.pid, "began": _began(child.pid)}


def _fields(server: Server, folder: Path, state: dict[str, Any]) -> dict[str, str]:
    everyone = {
        f"{name}.{use}": str(port)
        for name, ports in state["ports"].items()
        for use, port in ports.items()
    }
    own = {use: str(port) for use, port in state["ports"][server.name].items()}
    return {
        **everyone, **own, "home": str(folder), "user": state["user"],
        "password": state["password"],
    }  # fmt: skip


def _filled(text: str, fields: dict[str, str]) -> str:
    for name, value in fields.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _answers(port: int, path: str | None) -> bool:
    try:
        if path is None:
            socket.create_connection((LOOPBACK, port), timeout=1).close()
            return True
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}{path}", timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _stop(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        while _began(pid) is not None and time.monotonic() < deadline:
            time.sleep(POLL_S)
        if _began(pid) is not None:
            os.kill(pid, signal.SIGKILL)


def _began(pid: int) -> str | None:
    """Return when a process began, as `ps` prints it; None if there is none, or only its shell."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child of this very process leaves no zombie
    told = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=1)
    return told[1].strip() if len(told) == 2 and not told[0].startswith("Z") else None


def _free_port() -> int:
    """Return a port that nobody has, below those that the system gives to outgoing connections."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
        return port
