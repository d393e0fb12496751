"""A folder whose files are called like modules: whoever works in it runs none of them."""

from __future__ import annotations

import ast
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from configs.children import FIXED, child_environment, protect_children, protect_this_process
from configs.workspace import Workspace
from tests.conftest import REPOSITORY

MODULES = (
    "signal", "joblib", "numpy", "sitecustomize", "usercustomize", "conftest", "random", "polars",
    "tasks", "configs", "luigi", "tornado", "socket", "river", "pickle", "multiprocessing",
)  # fmt: skip
QRAFT = Path(sys.executable).with_name("qraft")
PACKAGES = ("agent", "configs", "gate", "storage", "tasks", "taskspecs")


@pytest.fixture
def folder(tmp_path):
    """A folder in which every file that is run leaves a mark."""
    root = tmp_path / "workspace"
    root.mkdir()
    mark = f"import os; open({str(root)!r} + '/RAN-' + __name__ + str(os.getpid()), 'w').close()\n"
    for name in MODULES:
        (root / f"{name}.py").write_text(mark)
        package = root / "lib" / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(mark)
    evil = f"[core]\nautoload_range: true\n[worker]\nforce_multiprocessing: true\n[logging]\n{mark}"
    for name in ("luigi.cfg", "client.cfg"):
        (root / name).write_text(evil.splitlines()[0] + "\nrpc_retry_attempts: 77\n")
    (root / "luigi.toml").write_text("[core]\nrpc_retry_attempts = 77\n")
    (root / ".env").write_text(f"PYTHONPATH={root}\nQRAFT_LAKE=file://elsewhere\n")
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-p conftest'\n")
    (root / ".numba_config.yaml").write_text(f"cache_dir: {root}\ndisable_jit: 1\n")
    (root / "config.xml").write_text("<not ClickHouse's")
    return root


def ran(folder):
    return sorted(path.name for path in folder.glob("RAN-*"))


def test_the_traps_are_sharp(folder):
    """A process that is started carelessly runs them; else the other tests would prove nothing."""
    bare = {name: value for name, value in os.environ.items() if name not in FIXED}
    done = subprocess.run(
        [sys.executable, "-c", "import signal"], cwd=folder, env=bare, check=False,
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0
    assert ran(folder)


@pytest.mark.parametrize(
    "path", ["", ".", ":", "lib", ":lib:", "./lib", "FOLDER:", "lib/../lib", "::"]
)
def test_no_child_of_ours_runs_them_whatever_the_environment_says(folder, path):
    careless = {
        "PYTHONPATH": path.replace("FOLDER", "/nowhere"), "PYTHONSTARTUP": str(folder / "luigi.py"),
        "PYTHONSAFEPATH": "", "LUIGI_CONFIG_PATH": str(folder / "luigi.cfg"),
    }  # fmt: skip
    for command in (["-c", "import signal, joblib"], ["-m", "http.server", "--help"]):
        subprocess.run(
            [sys.executable, *command], cwd=folder, env=child_environment(careless), check=True,
            capture_output=True,
        )  # fmt: skip
    assert ran(folder) == []


def test_workers_and_their_trackers_run_none(folder, monkeypatch):
    from joblib import Parallel, delayed

    monkeypatch.chdir(folder)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    protect_children()
    with Parallel(n_jobs=2, backend="loky") as pool:
        assert pool(delayed(abs)(number) for number in (-1, -2)) == [1, 2]
    for method in ("spawn", "forkserver"):
        process = multiprocessing.get_context(method).Process(target=abs, args=(1,))
        process.start()
        process.join()
        assert process.exitcode == 0
    assert ran(folder) == []


def test_the_scheduler_runs_none_and_reads_no_settings(folder, monkeypatch):
    from tasks.scheduler.process import started
    from tasks.scheduler.settings import remote_scheduler

    monkeypatch.chdir(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with started(Workspace(folder), port) as scheduler:
        client = remote_scheduler(scheduler.url)
        assert client._rpc_retry_attempts != 77
        assert client.task_list(status="", upstream_status="") == {}
        client.close()
    assert ran(folder) == []


def test_libraries_read_no_settings_of_the_folder(folder, monkeypatch):
    """Numba's may name a cache of machine code, ClickHouse's programs to run."""
    monkeypatch.chdir(folder)
    from configs.endpoints.foreign_settings import nowhere, numba

    assert numba().config.DISABLE_JIT == 0
    numba().config.reload_config()
    assert numba().config.DISABLE_JIT == 0
    assert str(folder) not in numba().config.CACHE_DIR
    with nowhere():
        assert not Path("config.xml").exists()
    assert Path.cwd() == folder


@pytest.mark.parametrize("entry", ["", ".", "lib", "FOLDER"])
def test_a_command_forgets_the_folder_it_is_started_in(folder, monkeypatch, entry):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [entry.replace("FOLDER", str(folder)), *sys.path])
    protect_this_process()
    assert sys.path
    assert all(Path(each).is_absolute() and Path(each) != folder for each in sys.path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["plan", "us_momentum"], ["run", "us_momentum"], ["doctor"], ["gate", "list"],
        ["sweep", "us_momentum", "--grid", "topk=1,2"], ["sql", "select 1"],
        ["ask", "60-day momentum", "--plan-only"], ["data", "list"], ["runs", "list"],
        ["ui", "--no-open-browser"], ["up"], ["mcp"],
    ],
    ids=lambda command: command[0],
)  # fmt: skip
def test_no_command_runs_them(folder, command):
    process = subprocess.Popen(
        [QRAFT, *command], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env=os.environ | {"PYTHONSAFEPATH": ""}, text=True,
    )  # fmt: skip
    timer = threading.Timer(30 if command[0] in {"ui", "up"} else 280, process.terminate)
    timer.start()
    told, _ = process.communicate()
    timer.cancel()
    assert ran(folder) == [], told
    assert "this should not have happened" not in told


STARTS = {
    ("subprocess", "Popen"), ("subprocess", "run"), ("subprocess", "call"),
    ("subprocess", "check_call"), ("subprocess", "check_output"), ("os", "system"),
    ("os", "popen"), ("os", "posix_spawn"), ("os", "execv"), ("os", "execve"), ("os", "fork"),
    ("context", "Process"), ("multiprocessing", "Process"), ("multiprocessing", "Pool"),
    ("asyncio", "create_subprocess_exec"),
}  # fmt: skip
BARE = {"Popen", "Parallel", "ProcessPoolExecutor", "Process", "LocalCluster"}


def starts(tree):
    """Find the functions in which a process is started, and whether they see to its environment."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        calls = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
        names = {call.id for call in calls if isinstance(call, ast.Name)}
        dotted = {
            (call.value.id, call.attr)
            for call in calls
            if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name)
        }
        if names & BARE or dotted & STARTS:
            yield node.name, bool(names & {"child_environment", "protect_children"})


def test_every_place_that_starts_a_process_sees_to_its_environment():
    found = {}
    for package in PACKAGES:
        for path in (REPOSITORY / package).rglob("*.py"):
            for name, safe in starts(ast.parse(path.read_text(encoding="utf-8"))):
                found[f"{path.relative_to(REPOSITORY)}:{name}"] = safe
    assert found
    assert all(found.values()), [place for place, safe in found.items() if not safe]


def test_nothing_is_unpickled_but_what_this_process_pickled():
    """Bytes from a file or a connection become objects by JSON and arrays alone."""
    readers = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "torch"}
    own = {"tasks/detection/calibration/injection.py"}  # copies within one call
    found = set()
    for package in PACKAGES:
        for path in (REPOSITORY / package).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                names = (
                    [each.name for each in node.names] if isinstance(node, ast.Import)
                    else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                )  # fmt: skip
                allowed = isinstance(node, ast.keyword) and node.arg == "allow_pickle"
                if readers & set(names) or (allowed and ast.unparse(node.value) != "False"):
                    found.add(path.relative_to(REPOSITORY).as_posix())
    assert found == own
