"""The same study on servers: the same bytes under the same names."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest

from storage.buckets.setup import prepare
from storage.buckets.store import KEY, SECRET, BucketObjects, parse_bucket
from storage.lake.objects import FolderObjects
from tests.conftest import Shell

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.fixture
def server_shell(servers, clickhouse_http, tmp_path, monkeypatch) -> Shell:
    """A workspace whose lake is in MinIO and whose warehouse is behind HTTP."""
    for name in (KEY, SECRET):
        monkeypatch.setenv(name, servers.environment[name])
    name = f"flow-{uuid.uuid4().hex[:8]}"
    lake = f"s3://{name}/lake?endpoint=http://127.0.0.1:{servers.ports['minio']['s3']}"
    list(prepare(parse_bucket(lake)))
    warehouse = f"clickhouse://127.0.0.1:{clickhouse_http}/{name.replace('-', '_')}"
    return Shell(tmp_path, {"QRAFT_LAKE": lake, "QRAFT_WAREHOUSE": warehouse})


def results(store) -> dict[str, list[tuple[str, str]]]:
    """Return the files of each result, by the key of the result."""
    found = {}
    for info in store.list():
        if info.path.endswith("/manifest.json"):
            manifest = json.loads(store.get(info.path))
            found[info.path] = [(f["name"], f["sha256"]) for f in manifest["files"]]
    return found


def test_the_stages_give_the_same_bytes_on_servers(demo_shell, server_shell):
    server_shell.run("demo")
    embedded = results(FolderObjects(demo_shell.workspace / ".qraft" / "lake"))
    on_servers = results(BucketObjects(parse_bucket(server_shell.environment["QRAFT_LAKE"])))
    assert len(embedded) >= 7
    assert on_servers == embedded

    (there,) = server_shell.json("runs", "list")
    (here,) = demo_shell.json("runs", "list")
    for row, shell in ((there, server_shell), (here, demo_shell)):
        row["tried_at"] = None
        row["report"] = str(Path(row["report"]).relative_to(shell.workspace))
    assert there == here
    assert "all whole" in server_shell.run("gate", "verify").stdout
    assert not (server_shell.workspace / ".qraft" / "lake").exists()
