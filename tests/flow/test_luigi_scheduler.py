"""One scheduler for many machines: what its pages show, and who computes what."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from storage.buckets.setup import prepare
from storage.buckets.store import KEY, SECRET, parse_bucket
from tests.conftest import Shell
from tests.fault.toxic import proxied
from tests.flow.test_events import STUDY, workspace

__all__ = ["workspace"]

pytestmark = [pytest.mark.server, pytest.mark.slow]


def asked(url: str, method: str, **data: object):
    with urlopen(f"{url}/api/{method}?data={quote(json.dumps(data))}", timeout=10) as answer:
        return json.load(answer)["response"]


def tasks_of(url: str, run_id: str) -> dict[str, list[dict]]:
    """Return what the scheduler shows of a run's tasks, by their names: of each attempt."""
    found = defaultdict(list)
    for status in ("DONE", "FAILED", "DISABLED", "RUNNING", "PENDING"):
        tasks = asked(url, "task_list", status=status, upstream_status="")
        for task_id, task in tasks.items():
            if task["params"].get("run_id") == run_id:
                found[task["name"]].append(task | {"id": task_id})
    return found


@pytest.fixture
def machines(workspace, servers, clickhouse_http, tmp_path_factory, monkeypatch):
    """Two workspaces that share lake, warehouse and scheduler, with the same study and data."""
    for name in (KEY, SECRET):
        monkeypatch.setenv(name, servers.environment[name])
    name = f"many-{uuid.uuid4().hex[:8]}"
    lake = f"s3://{name}/lake?endpoint=http://127.0.0.1:{servers.ports['minio']['s3']}"
    list(prepare(parse_bucket(lake)))
    shared = {
        "QRAFT_LAKE": lake,
        "QRAFT_WAREHOUSE": f"clickhouse://127.0.0.1:{clickhouse_http}/{name.replace('-', '_')}",
        "QRAFT_SCHEDULER": servers.environment["QRAFT_SCHEDULER"],
    }
    other = tmp_path_factory.mktemp("other")
    (other / "prices.csv").write_bytes((workspace.workspace / "prices.csv").read_bytes())
    for folder in (workspace.workspace, other):
        (folder / "one.yaml").write_text(STUDY.format(name="shared_study", on="custom.never"))
    return replace(workspace, environment=shared), Shell(other, shared)


def test_two_machines_run_one_study_at_once_and_one_computes_each_stage(machines, servers):
    url = servers.environment["QRAFT_SCHEDULER"]
    specs = [str(machine.workspace / "one.yaml") for machine in machines]
    running = [
        machine.start("run", spec, "--json") for machine, spec in zip(machines, specs, strict=True)
    ]
    ended = [process.communicate(timeout=240) for process in running]
    assert [process.returncode for process in running] == [0, 0], ended
    first, second = (json.loads(out) for out, _ in ended)
    assert first["run_id"] == second["run_id"]
    assert first["metrics"] == second["metrics"]
    stages = sorted(first["computed"] + second["computed"])
    assert stages == sorted(set(stages)), "a stage was computed twice"
    assert len(stages) == 7

    tasks = tasks_of(url, first["run_id"])
    assert set(tasks) >= {"Ingest", "Features", "Signal", "Backtest", "Report", "Record"}
    assert {task["status"] for attempts in tasks.values() for task in attempts} == {"DONE"}
    for task in tasks["Report"]:
        assert task["params"]["study"] == "shared_study"
        assert "key" not in task["params"]
    said = []
    for task in tasks["Backtest"]:
        shown = asked(url, "get_task_progress_percentage", task_id=task["id"])
        assert shown["progressPercentage"] == 100
        said.append(asked(url, "get_task_status_message", task_id=task["id"])["statusMessage"])
    assert sum(" rows in " in message for message in said) == 1, said
    for task in tasks["Record"]:
        with urlopen(task["tracking_url"], timeout=10) as page:
            assert b"shared_study" in page.read()


def test_a_run_that_failed_is_let_try_again(machines, servers, clickhouse_http):
    machine, _ = machines
    # Under another name: what a scheduler has seen done is not asked for again for some seconds.
    spec = str(machine.workspace / "again.yaml")
    Path(spec).write_text(STUDY.format(name="tried_again", on="custom.never"))
    admin = servers.ports["toxiproxy"]["http"]
    with proxied(admin, uuid.uuid4().hex, clickhouse_http) as warehouse:
        database = f"again_{uuid.uuid4().hex[:8]}"
        through = {"QRAFT_WAREHOUSE": f"clickhouse://127.0.0.1:{warehouse.port}/{database}"}
        machine = replace(machine, environment=machine.environment | through)
        warehouse.ail("limit_data", "downstream", bytes=3_000)
        assert "warehouse" in machine.run("run", spec, exit_code=1).stderr
        warehouse.heal()
        assert machine.json("run", spec)["metrics"]
