"""A file dropped into the bucket starts a run that reads it, with no code of ours in between."""

from __future__ import annotations

import uuid

import pytest

from storage.buckets.setup import prepare
from storage.buckets.store import KEY, SECRET, BucketObjects, parse_bucket
from tests.conftest import Shell
from tests.flow.test_events import until

pytestmark = [pytest.mark.server, pytest.mark.slow]

STUDY = """
name: dropped
data: {source: lake, path: dropped/prices.csv}
signal: {expression: "$close / Ref($close, 5) - 1"}
backtest: {topk: 1, n_drop: 1}
triggers: [{on: file_arrived, source: bucket, where: {name: prices.csv}}]
"""


def prices(days: int) -> bytes:
    rows = [
        f"2020-{1 + n // 28:02d}-{1 + n % 28:02d},{symbol},{10 + n * k % 7 / 10}"
        for symbol, k in (("A", 3), ("B", 5))
        for n in range(days)
    ]
    return "\n".join(["date,symbol,close", *rows]).encode()


@pytest.fixture
def machine(servers, clickhouse_http, tmp_path, monkeypatch) -> Shell:
    """A workspace all of whose stores are servers."""
    for name in (KEY, SECRET):
        monkeypatch.setenv(name, servers.environment[name])
    name = f"drop-{uuid.uuid4().hex[:8]}"
    lake = f"s3://{name}/lake?endpoint=http://127.0.0.1:{servers.ports['minio']['s3']}"
    list(prepare(parse_bucket(lake)))
    (tmp_path / "dropped.yaml").write_text(STUDY)
    return Shell(
        tmp_path,
        {
            "QRAFT_LAKE": lake,
            "QRAFT_EVENTS": servers.environment["QRAFT_EVENTS"],
            "QRAFT_WAREHOUSE": f"clickhouse://127.0.0.1:{clickhouse_http}/{name.replace('-', '_')}",
        },
    )


def test_a_dropped_file_is_told_by_the_store_and_studied(machine):
    spec = str(machine.workspace / "dropped.yaml")
    bucket = BucketObjects(parse_bucket(machine.environment["QRAFT_LAKE"]))
    assert "nothing was dropped" in machine.run("run", spec, exit_code=2).stderr
    listener = machine.start("events", "listen", spec)
    telemetry = machine.workspace / ".qraft" / "telemetry.jsonl"

    def runs() -> int:
        return telemetry.read_text().count('"event": "run"') if telemetry.exists() else 0

    try:
        for count, days in ((1, 60), (2, 80)):  # dropped again under its name, with more in it
            bucket.put("raw/dropped/prices.csv", prices(days))
            until(lambda wanted=count: runs() >= wanted)
    finally:
        listener.terminate()
        _, said = listener.communicate(timeout=600)
    assert listener.returncode == 0, said
    shown = machine.json("runs", "list")
    assert [row["name"] for row in shown] == ["dropped", "dropped"]
    assert len({row["run_id"] for row in shown}) == 2
