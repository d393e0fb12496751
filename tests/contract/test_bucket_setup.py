"""A bucket of a real MinIO: what it is set up with holds against someone who has its keys."""

from __future__ import annotations

import json
import uuid

import pytest

from configs.errors import BadInput, Unreachable
from storage.bucket_setup import (
    DROPPED,
    RetainedObjects,
    make_bucket,
    minio_client,
    set_lifecycle,
    tell_of_dropped_files,
)
from storage.buckets import KEY, SECRET, BucketObjects, parse_bucket
from storage.events.envelope import FILES
from storage.events.nsq.address import parse_address
from storage.events.nsq.bus import NsqBus
from storage.ledger import Ledger

pytestmark = pytest.mark.server


@pytest.fixture
def bucket(servers, monkeypatch):
    for name in (KEY, SECRET):
        monkeypatch.setenv(name, servers.environment[name])
    endpoint = f"http://127.0.0.1:{servers.ports['minio']['s3']}"
    bucket = parse_bucket(f"s3://setup-{uuid.uuid4().hex[:8]}/lake?endpoint={endpoint}")
    make_bucket(bucket)
    return bucket


def test_setting_up_twice_changes_nothing(bucket):
    for _ in range(2):
        make_bucket(bucket)
        set_lifecycle(bucket)
        tell_of_dropped_files(bucket)
    client = minio_client(bucket)
    assert len(client.get_bucket_lifecycle(bucket.name).rules) == 3
    assert len(client.get_bucket_notification(bucket.name).queue_config_list) == 1


def test_an_entry_of_the_ledger_cannot_be_destroyed(bucket):
    from minio.error import S3Error

    ledger = Ledger(RetainedObjects(bucket))
    ledger.append("trial", {"run_id": "4f0c"}, actor="command")
    client = minio_client(bucket)
    (entry,) = client.list_objects(bucket.name, prefix="lake/ledger/", include_version=True)
    with pytest.raises(S3Error, match=r"WORM|locked|protected"):
        client.remove_object(bucket.name, entry.object_name, version_id=entry.version_id)
    assert Ledger(RetainedObjects(bucket)).verify().ok


def test_a_dropped_file_is_told_by_the_store_itself(servers, bucket):
    tell_of_dropped_files(bucket)
    bus = NsqBus(parse_address(servers.environment["QRAFT_EVENTS"]))
    store = BucketObjects(bucket)
    with bus.subscribe(FILES, f"test-{uuid.uuid4().hex[:8]}") as subscription:
        store.put(f"{DROPPED}/prices.csv", b"a,b\n")
        store.put("raw/landed.csv", b"a,b\n")
        told = []
        for _ in range(50):
            for delivery in subscription.receive(0.2):
                told.append(json.loads(delivery.body)["Key"])
                delivery.finish()
            if told:
                break
    bus.close()
    assert told == [f"{bucket.name}/lake/{DROPPED}/prices.csv"]


def test_a_store_that_is_away_is_said_to_be(bucket):
    away = parse_bucket("s3://setup/lake?endpoint=http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="does not answer"):
        make_bucket(away)


def test_secrets_are_missed_by_name(bucket, monkeypatch):
    monkeypatch.delenv(SECRET)
    with pytest.raises(BadInput, match=SECRET):
        BucketObjects(bucket)
