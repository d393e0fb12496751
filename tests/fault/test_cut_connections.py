"""Connections cut, delayed, truncated and reset: a run is right, or it says why and resumes."""

from __future__ import annotations

import json
import time
import uuid
from datetime import timedelta

import obstore
import polars as pl
import pytest
from obstore.exceptions import GenericError

from configs.errors import QraftError, Unreachable
from configs.settings import Settings
from configs.workspace import open_workspace
from storage.buckets import patience
from storage.buckets import store as buckets
from storage.buckets.setup import prepare
from storage.events.envelope import make_event, to_bytes
from storage.events.nsq.address import parse_address
from storage.events.nsq.bus import NsqBus
from storage.lake import objects
from storage.open import open_lake, open_ledger, open_warehouse
from storage.warehouse import server
from tasks.runs.run import run
from taskspecs.load import load
from tests.fault.toxic import proxied

pytestmark = [pytest.mark.server, pytest.mark.slow]

STUDY = """
name: cut
data: {source: file, path: prices.csv}
features: {define: {momentum: "$close / Ref($close, 5) - 1"}}
signal: {expression: $momentum}
detection: [{detector: adwin, watch: $momentum}]
backtest: {topk: 1, n_drop: 1}
"""
TABLES = (
    "metrics",
    "equity",
    "patterns",
    "artifacts",
    "lineage",
    "signals",
    "feature_sets",
    "runs",
)
LONGEST_RUN_S = 900.0
"""No run hangs: an answer is waited for `ANSWER_S` at most, a few times over."""
ANSWER_S = 2


class Study:
    """A workspace whose stores are chosen by the test."""

    def __init__(self, folder, lake: str, warehouse: str) -> None:
        days = pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 4, 1), eager=True)
        pl.concat(
            pl.DataFrame(
                {
                    "date": days,
                    "symbol": symbol,
                    "close": [10 + n * k % 7 / 10 for n in range(len(days))],
                }
            )
            for symbol, k in (("A", 3), ("B", 5))
        ).write_csv(folder / "prices.csv")
        (folder / "cut.yaml").write_text(STUDY)
        self.spec, _ = load(folder / "cut.yaml", folder)
        self.workspace = open_workspace(str(folder))
        self.settings = Settings(lake=lake, warehouse=warehouse)

    def run(self) -> str | None:
        """Run it; return why it failed, or None. Any failure is one of ours, and in time."""
        began = time.monotonic()
        try:
            run(self.spec, self.workspace, self.settings)
            why = None
        except QraftError as error:
            why = str(error)
        assert time.monotonic() - began < LONGEST_RUN_S
        return why

    def left(self) -> dict[str, object]:
        """Return all that a run leaves: results by key, and rows table by table."""
        lake = open_lake(self.settings, self.workspace)
        manifests = {
            f"{zone}/{m.dataset.stage}/{m.dataset.key}": [(f.name, f.sha256) for f in m.files]
            for zone in ("raw", "refined", "feature", "report")
            for m in lake.manifests(zone)
        }
        assert open_ledger(self.settings, self.workspace).verify().ok
        with open_warehouse(self.settings, self.workspace) as warehouse:
            rows = {
                name: warehouse.rows(
                    f"SELECT * FROM {name} ORDER BY ALL" if name != "runs" else
                    "SELECT * EXCEPT tried_at FROM runs"
                )
                for name in TABLES
            }  # fmt: skip
            leftovers = warehouse.rows(
                "SELECT name FROM system.tables WHERE database = currentDatabase()"
                " AND (startsWith(name, 'ready_'))"
            )
        return json.loads(json.dumps([manifests, rows, leftovers], default=str))


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Wait less for an answer than in earnest, so that faults are met quickly."""
    monkeypatch.setattr(buckets, "ANSWER", timedelta(seconds=ANSWER_S))
    monkeypatch.setattr(buckets, "TRY_FOR", timedelta(seconds=2 * ANSWER_S))
    monkeypatch.setattr(buckets, "TRIES", 1)
    monkeypatch.setattr(patience, "AGAIN_FOR_S", ANSWER_S)
    monkeypatch.setattr(patience, "FIRST_FOR_S", 0)
    monkeypatch.setattr(server, "ANSWER_S", ANSWER_S * 5)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, clickhouse_http):
    """What the study leaves where nothing fails."""
    study = Study(
        tmp_path_factory.mktemp("undisturbed"), "file://.qraft/lake", warehouse_url(clickhouse_http)
    )
    assert study.run() is None
    return study.left()


def warehouse_url(port: int) -> str:
    return f"clickhouse://127.0.0.1:{port}/cut_{uuid.uuid4().hex[:8]}"


@pytest.fixture
def minio(servers):
    """MinIO behind a proxy."""
    admin = servers.ports["toxiproxy"]["http"]
    with proxied(admin, uuid.uuid4().hex, servers.ports["minio"]["s3"]) as proxy:
        yield proxy


@pytest.fixture
def bucket(servers, minio, monkeypatch) -> str:
    """The URL of a new bucket, through the proxy."""
    for name in (buckets.KEY, buckets.SECRET):
        monkeypatch.setenv(name, servers.environment[name])
    name = f"cut-{uuid.uuid4().hex[:8]}"
    direct = f"s3://{name}/lake?endpoint=http://127.0.0.1:{servers.ports['minio']['s3']}"
    list(prepare(buckets.parse_bucket(direct)))
    return f"s3://{name}/lake?endpoint=http://127.0.0.1:{minio.port}"


@pytest.fixture
def clickhouse(servers, clickhouse_http):
    admin = servers.ports["toxiproxy"]["http"]
    with proxied(admin, uuid.uuid4().hex, clickhouse_http) as proxy:
        yield proxy


@pytest.mark.parametrize("answer_is_lost", [False, True], ids=["not done", "done, answer lost"])
def test_every_call_of_the_lake_may_fail(
    tmp_path, clickhouse_http, undisturbed, monkeypatch, answer_is_lost
):
    """Each run may make one call more than the last before its store fails, until one is done."""
    study = Study(tmp_path, "file://.qraft/lake", warehouse_url(clickhouse_http))
    # A store that is away stays away: trying again for a while would only be waited for.
    monkeypatch.setattr(patience, "AGAIN_FOR_S", 0)
    left = 0

    def failing(call):
        def instead(*arguments, **options):
            nonlocal left
            left -= 1
            if left < 0:
                if answer_is_lost:
                    call(*arguments, **options)
                raise GenericError("the connection was cut")
            return call(*arguments, **options)

        return instead

    for name in ("get", "head", "list", "put", "delete"):
        monkeypatch.setattr(objects.obstore, name, failing(getattr(obstore, name)))
    failures = 0
    while failures <= 1_000:
        left = failures
        if (why := study.run()) is None:
            break
        assert "failed on" in why
        failures += 1
    monkeypatch.undo()
    assert failures > 50
    assert study.left() == undisturbed


def test_answers_of_minio_cut_after_more_and_more_bytes(
    bucket, minio, clickhouse_http, undisturbed, tmp_path
):
    study = Study(tmp_path, bucket, warehouse_url(clickhouse_http))
    failures = 0
    size = 100
    while True:
        minio.heal()
        minio.ail("limit_data", "downstream", bytes=size)
        minio.ail("limit_data", "upstream", bytes=4 * size)
        if study.run() is None:
            break
        failures += 1
        size = int(size * 1.5)
    minio.heal()
    assert failures >= 3
    assert study.left() == undisturbed


def test_answers_of_the_warehouse_cut_after_more_and_more_bytes(undisturbed, clickhouse, tmp_path):
    study = Study(tmp_path, "file://.qraft/lake", warehouse_url(clickhouse.port))
    failures = 0
    size = 20
    while True:
        clickhouse.heal()
        clickhouse.ail("limit_data", "downstream", bytes=size)
        clickhouse.ail("limit_data", "upstream", bytes=8 * size)
        if study.run() is None:
            break
        failures += 1
        size = int(size * 1.3)
    clickhouse.heal()
    assert failures >= 5
    assert study.run() is None
    assert study.left() == undisturbed


AILMENTS = {
    "delayed": ("latency", 1.0, {"latency": 100, "jitter": 100}),
    "silent": ("timeout", 0.1, {"timeout": 0}),
    "cut": ("timeout", 0.5, {"timeout": 30}),
    "reset": ("reset_peer", 0.5, {"timeout": 20}),
}
"""Toxic, the share of connections that have it, and how it acts."""


@pytest.fixture
def ailing(bucket, minio, clickhouse, tmp_path):
    """The study on stores that are both met through proxies, and the proxies."""
    return Study(tmp_path, bucket, warehouse_url(clickhouse.port)), (minio, clickhouse)


@pytest.mark.parametrize("ailment", AILMENTS)
@pytest.mark.parametrize("direction", ["downstream", "upstream"])
def test_both_stores_ail_now_and_then(ailing, undisturbed, ailment, direction, monkeypatch):
    study, proxies = ailing
    kind, share, attributes = AILMENTS[ailment]
    for proxy in proxies:
        proxy.ail(kind, direction, toxicity=share, **attributes)
    with monkeypatch.context() as patch:
        patch.setattr(buckets, "ANSWER", timedelta(seconds=1))
        patch.setattr(server, "ANSWER_S", ANSWER_S)
        for _ in range(4):
            if study.run() is None:
                break
    for proxy in proxies:
        proxy.heal()
    assert study.run() is None
    assert study.left() == undisturbed


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [("timeout", {"timeout": 0}), ("timeout", {"timeout": 20}), ("reset_peer", {"timeout": 0}),
     ("limit_data", {"bytes": 9}), ("latency", {"latency": 200})],
    ids=["silent", "cut", "reset", "truncated", "delayed"],
)  # fmt: skip
@pytest.mark.parametrize("direction", ["downstream", "upstream"])
def test_an_event_is_confirmed_and_there_or_said_not_to_be(servers, kind, attributes, direction):
    topic = f"cut.{uuid.uuid4().hex[:8]}"
    admin = servers.ports["toxiproxy"]["http"]
    confirmed = []
    with proxied(admin, uuid.uuid4().hex, servers.ports["nsqd"]["tcp"]) as nsqd:
        bus = NsqBus(parse_address(f"nsq://127.0.0.1:{nsqd.port}"))
        for n in range(6):
            if n == 2:
                nsqd.ail(kind, direction, **attributes)
            elif n == 4:
                nsqd.heal()
            body = to_bytes(make_event("custom.cut", "test", {"n": n}))
            began = time.monotonic()
            try:
                bus.publish(topic, [body], deadline_s=3 if n != 4 else 20)
                confirmed.append(body)
            except Unreachable:
                assert 2 <= n < 4
            assert time.monotonic() - began < 30
        bus.close()
    assert len(confirmed) >= 4
    received = set()
    direct = NsqBus(parse_address(f"nsq://127.0.0.1:{servers.ports['nsqd']['tcp']}"))
    with direct.subscribe(topic, "all") as subscription:
        deadline = time.monotonic() + 20
        while not received >= set(confirmed) and time.monotonic() < deadline:
            for delivery in subscription.receive(0.2):
                received.add(delivery.body)
                delivery.finish()
    direct.close()
    assert received >= set(confirmed)
