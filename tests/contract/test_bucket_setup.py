"""A bucket of a real MinIO: what it is set up with holds against someone who has its keys."""

from __future__ import annotations

import json
import uuid

import pytest

from configs.errors import BadInput, Unreachable
from storage.buckets.client import RuleClient
from storage.buckets.retained import RetainedObjects
from storage.buckets.rules import LIFECYCLE, NOTIFICATION, expire, rules
from storage.buckets.setup import (
    DROPPED,
    QUEUE,
    make_bucket,
    minio_client,
    prepare,
    protection,
    put_rules,
    what_is_missing,
)
from storage.buckets.store import KEY, SECRET, BucketObjects, parse_bucket
from storage.events.envelope import FILES
from storage.events.nsq.address import parse_address
from storage.events.nsq.bus import NsqBus
from storage.ledger import Ledger

pytestmark = pytest.mark.server
QUERIES = (LIFECYCLE.query, NOTIFICATION.query)


@pytest.fixture
def bucket(servers, monkeypatch):
    for name in (KEY, SECRET):
        monkeypatch.setenv(name, servers.environment[name])
    endpoint = f"http://127.0.0.1:{servers.ports['minio']['s3']}"
    bucket = parse_bucket(f"s3://setup-{uuid.uuid4().hex[:8]}/lake?endpoint={endpoint}")
    make_bucket(bucket)
    return bucket


def test_setting_up_again_changes_nothing_and_leaves_the_rules_of_others(servers, bucket):
    from minio.commonconfig import ENABLED, Filter
    from minio.lifecycleconfig import Expiration, LifecycleConfig, Rule
    from minio.notificationconfig import NotificationConfig, PrefixFilterRule, QueueConfig

    client = minio_client(bucket)
    theirs = Rule(ENABLED, rule_filter=Filter(prefix="logs/"), rule_id="theirs",
                  expiration=Expiration(days=7))  # fmt: skip
    client.set_bucket_lifecycle(bucket.name, LifecycleConfig([theirs]))
    queue = QueueConfig(["s3:ObjectRemoved:*"], config_id="theirs", queue=QUEUE,
                        prefix_filter_rule=PrefixFilterRule("logs/"))  # fmt: skip
    client.set_bucket_notification(bucket.name, NotificationConfig(queue_config_list=[queue]))
    before = {query: client.get_rules(bucket.name, query) for query in QUERIES}

    said = list(prepare(bucket))
    assert said[0] == "there, with versions and locks"
    assert all(line.endswith(", beside 1 rule of others") for line in said[1:])
    after = {query: client.get_rules(bucket.name, query) for query in QUERIES}
    for kind in (LIFECYCLE, NOTIFICATION):
        (rule,) = rules(before[kind.query], kind)
        assert rule in rules(after[kind.query], kind)
    assert [len(rules(after[kind.query], kind)) for kind in (LIFECYCLE, NOTIFICATION)] == [4, 2]
    assert what_is_missing(bucket) == []

    puts = []
    put = type(client).put_rules
    type(client).put_rules = lambda *arguments: puts.append(arguments)
    try:
        assert list(prepare(bucket)) == said
    finally:
        type(client).put_rules = put
    assert puts == []


def test_rules_that_someone_changes_at_the_same_time_are_not_lost(bucket, monkeypatch):
    theirs = expire("theirs", "logs/", days=7)
    put = RuleClient.put_rules
    raced = []

    def race(client, name, query, document):
        put(client, name, query, document)
        if not raced:  # another set, of someone who had read before us
            raced.append(query)
            put(client, name, query, f"<LifecycleConfiguration>{theirs}</LifecycleConfiguration>")

    monkeypatch.setattr(RuleClient, "put_rules", race)
    assert put_rules(bucket, LIFECYCLE) == 1
    found = rules(minio_client(bucket).get_rules(bucket.name, "lifecycle"), LIFECYCLE)
    assert len(found) == 4


def test_a_bucket_without_versions_and_locks_is_said_to_be(bucket):
    plain = parse_bucket(f"s3://plain-{uuid.uuid4().hex[:8]}/lake?endpoint={bucket.endpoint}")
    minio_client(plain).make_bucket(plain.name)
    first = next(iter(prepare(plain)))
    assert "no versions" in first
    assert "cannot be turned on later" in first
    assert protection(plain) == (False, False)


def test_an_entry_of_the_ledger_cannot_be_destroyed(bucket):
    from minio.error import S3Error

    ledger = Ledger(RetainedObjects(bucket))
    ledger.append("halt", {"strategy": "*", "reason": "stop"}, actor="command")
    client = minio_client(bucket)
    (entry,) = client.list_objects(bucket.name, prefix="lake/ledger/", include_version=True)
    with pytest.raises(S3Error, match=r"WORM|locked|protected"):
        client.remove_object(bucket.name, entry.object_name, version_id=entry.version_id)
    assert Ledger(RetainedObjects(bucket)).verify().ok


def test_a_dropped_file_is_told_by_the_store_itself(servers, bucket):
    put_rules(bucket, NOTIFICATION)
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
