"""Kill -9 at random moments of a run, then the same command: the same bytes, no row twice."""

from __future__ import annotations

import os

import pytest

from storage.buckets.store import KEY, SECRET
from tests.conftest import Shell
from tests.fault.kill_runs import (
    embedded_places,
    kill_machines,
    kill_runs,
    make_workspace,
    restart_store,
    served_places,
)

KILLS = int(os.environ.get("QRAFT_KILLS", "15"))
KILLS_ON_SERVERS = int(os.environ.get("QRAFT_KILLS", "6"))
KILLS_OF_MACHINES = int(os.environ.get("QRAFT_KILLS_OF_MACHINES", "2"))
OUTAGES_S = tuple(map(float, os.environ.get("QRAFT_OUTAGES_S", "3 20").split()))


@pytest.mark.slow
def test_killed_runs_are_followed_at_once_to_the_same_bytes(tmp_path):
    kill_runs(KILLS, embedded_places(tmp_path), seed=20)


@pytest.fixture
def served(servers, clickhouse_http, tmp_path, monkeypatch):
    for name in (KEY, SECRET):
        monkeypatch.setenv(name, servers.environment[name])
    return served_places(
        tmp_path,
        minio=servers.ports["minio"]["s3"],
        luigid=servers.environment["QRAFT_SCHEDULER"],
        clickhouse=clickhouse_http,
    )


@pytest.mark.slow
@pytest.mark.server
def test_killed_runs_on_servers_are_followed_at_once_to_the_same_bytes(served):
    kill_runs(KILLS_ON_SERVERS, served, seed=21)


@pytest.mark.slow
@pytest.mark.server
def test_of_two_machines_one_is_killed_and_the_other_finishes(served):
    kill_machines(KILLS_OF_MACHINES, served, seed=22)


@pytest.mark.slow
@pytest.mark.server
def test_a_run_outlives_its_store_killed_and_started_again(served, servers):
    restart_store(
        OUTAGES_S, served, pid=lambda: servers.pids()["minio"],
        bring_back=lambda: servers.script("up", "minio"), seed=23,
    )  # fmt: skip


def test_two_commands_at_once_both_succeed(tmp_path):
    shell = Shell(make_workspace(tmp_path))
    both = [shell.start("run", str(shell.workspace / "killed.yaml")) for _ in range(2)]
    answers = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
