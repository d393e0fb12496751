"""Workspaces in which the real thing runs."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from configs.standpoint import stand
from tests import forked
from tests.browsing import Browser, find_browser
from tests.hang_guard import HangGuard
from tests.once import copied, made_once

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[1]

# Keys and consents of whoever runs the tests are not theirs to use.
_PERSON = Path(tempfile.mkdtemp(prefix="qraft-person-"))
os.environ["XDG_STATE_HOME"] = str(_PERSON / "state")
os.environ["XDG_CONFIG_HOME"] = str(_PERSON / "config")
atexit.register(shutil.rmtree, _PERSON, ignore_errors=True)
SHARED_DATA = REPOSITORY.parent / "shared" / "data"

# How long examples take says how busy a machine is, and nothing about what is tested.
settings.register_profile("qraft", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("qraft")

# Processes that tests start find what they import compiled, also in containers that forbid it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure(config: pytest.Config) -> None:
    """End what hangs, by its progress."""
    if not config.getoption("usepdb"):
        config.pluginmanager.register(HangGuard(), "hang-guard")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where files are dealt out to processes, those with slow tests come last, the longest first.

    So all is one run: what several files share is made once, and no process waits for another.
    """
    if hasattr(config, "workerinput"):
        tests = Counter(item.path for item in items)
        slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
        items.sort(key=lambda item: (slow[item.path] > 0, -slow[item.path], -tests[item.path]))


@dataclass(frozen=True)
class Shell:
    """A workspace and the command line that a person would use in it."""

    workspace: Path
    environment: dict[str, str] = field(default_factory=dict)
    """What is set beside the tests' own environment, as the URLs of servers."""

    def command(self, *arguments: str) -> list[str]:
        where = ["--workspace", str(self.workspace)]
        return [sys.executable, "-m", "agent.cli.main", *where, *arguments]

    def start(self, *arguments: str, stderr: Any = subprocess.PIPE) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments), cwd=REPOSITORY, text=True, env=os.environ | self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr,
        )  # fmt: skip

    def run(
        self, *arguments: str, exit_code: int = 0, inside: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a command; `inside` the workspace, where it writes files that are named so."""
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY)} | self.environment
        done = forked.run(
            ["--workspace", str(self.workspace), *arguments],
            folder=self.workspace if inside else REPOSITORY, environment=environment,
        )  # fmt: skip
        assert done.returncode == exit_code, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)


@pytest.fixture(autouse=True)
def _nobody_stands_elsewhere() -> None:
    """A process is one command line; one of tests is many."""
    stand(None, ())


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """An empty workspace."""
    return Shell(tmp_path)


@pytest.fixture(scope="session")
def demo_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo has run, for all processes that run the tests; copied, never opened."""
    return made_once(tmp_path_factory, "demo", lambda folder: Shell(folder).run("demo"))


@pytest.fixture(scope="session")
def demo_shell(demo_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A workspace in which the demo has run; tests only read it."""
    return Shell(copied(tmp_path_factory, demo_made))


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One tab of a real browser."""
    opened = Browser(find_browser(), tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def demo_copy(demo_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A copy of the workspace in which the demo has run; a module may do with it what it likes."""
    return Shell(copied(tmp_path_factory, demo_made))


@pytest.fixture(scope="module")
def unjudged_copy(demo_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The same, and a run after it that keeps every alarm as a pattern."""

    def make(folder: Path) -> None:
        shutil.copytree(demo_made, folder, symlinks=True, dirs_exist_ok=True)
        spec = folder / "unjudged.yaml"
        shipped = (REPOSITORY / "taskspecs" / "us_momentum.yaml").read_text()
        spec.write_text(f"{shipped}\ndiscovery: {{method: none}}\n")
        Shell(folder).run("run", str(spec))

    return Shell(copied(tmp_path_factory, made_once(tmp_path_factory, "unjudged", make)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real market data, where there is one beside the checkout."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs the market data folder `shared/data` beside the checkout")
    return SHARED_DATA


@dataclass(frozen=True)
class Servers:
    """Real servers that were started for the tests."""

    home: Path
    environment: dict[str, str]
    ports: dict[str, dict[str, int]]

    def pids(self) -> dict[str, int]:
        """Return the process of each server, as it is now."""
        state = json.loads((self.home / "servers.json").read_text())
        return {name: process["pid"] for name, process in state["processes"].items()}

    def script(self, *arguments: str) -> None:
        command = [REPOSITORY / "scripts" / "servers", *arguments, "--home", self.home]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """NSQ, MinIO, Toxiproxy and luigid, each on loopback at a port of its own."""
    if shutil.which("go") is None and not Path("/usr/local/go/bin/go").exists():
        pytest.skip("needs Go, to build the servers from their source")
    home = tmp_path_factory.mktemp("servers")
    command = [REPOSITORY / "scripts" / "servers", "up", "--home", home, "--ports", "free"]
    try:
        told = subprocess.run([*command, "--json"], check=True, stdout=subprocess.PIPE).stdout
        state = json.loads(told)
        ports = {name: server["ports"] for name, server in state["servers"].items()}
        yield Servers(home, state["environment"], ports)
    finally:
        subprocess.run([command[0], "down", "--home", home], check=False, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def clickhouse_http(tmp_path_factory) -> Iterator[int]:
    """A stand-in: ClickHouse's HTTP interface in front of chDB, in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("clickhouse")
    program = Path(__file__).parent / "stand_ins" / "clickhouse_http.py"
    process = subprocess.Popen([sys.executable, program, str(folder), str(port)])
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()
