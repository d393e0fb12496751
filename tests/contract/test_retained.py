"""The ledger in a bucket of a real MinIO, against somebody who holds the bucket's keys."""

from __future__ import annotations

import uuid
from io import BytesIO

import pytest

from configs.errors import QraftError, Refused
from gate.strategies.strategies import stand
from gate.strategies.tightening import halt_all
from storage.buckets.retained import RetainedObjects
from storage.buckets.rules import LIFECYCLE
from storage.buckets.setup import make_bucket, minio_client, put_rules
from storage.buckets.store import KEY, SECRET, BucketObjects, parse_bucket
from storage.lake.objects import AlreadyExists, NotFound
from storage.ledger import Ledger
from storage.ledger.entry import path_of
from tests.contract.test_ledger import (  # the ledger's contract, over this store
    HALT,
    fill,
    trial,
)
from tests.forging import canonical
from tests.office import POLICY, Office

__all__ = [name for name in dir() if name.startswith("test_")]

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def shared_bucket(servers):
    patch = pytest.MonkeyPatch()
    for name in (KEY, SECRET):
        patch.setenv(name, servers.environment[name])
    endpoint = f"http://127.0.0.1:{servers.ports['minio']['s3']}"
    bucket = parse_bucket(f"s3://kept-{uuid.uuid4().hex[:8]}/lake?endpoint={endpoint}")
    make_bucket(bucket)
    yield bucket
    patch.undo()


@pytest.fixture
def bucket(shared_bucket):
    """A folder of its own for each test."""
    url = f"s3://{shared_bucket.name}/{uuid.uuid4().hex[:8]}?endpoint={shared_bucket.endpoint}"
    return parse_bucket(url)


@pytest.fixture
def store(bucket):
    return RetainedObjects(bucket)


def key(bucket, seq: int) -> str:
    return bucket.below(path_of(seq))


def put_over(bucket, seq: int, raw: bytes) -> None:
    """Do what the bucket's keys allow: another version under the same name."""
    minio_client(bucket).put_object(bucket.name, key(bucket, seq), BytesIO(raw), len(raw))


def remove(bucket, seq: int) -> None:
    minio_client(bucket).remove_object(bucket.name, key(bucket, seq))


def forged(ledger: Ledger, seq: int) -> bytes:
    """An entry that chains as the one that it is to replace."""
    import hashlib
    import json

    value = json.loads(ledger.entries()[seq - 1].to_json())
    rest = {**value, "kind": "key", "actor": "eve"}
    del rest["hash"]
    said = hashlib.sha256(canonical(rest).encode()).hexdigest()
    return canonical({**rest, "hash": said}).encode()


def flagged(bucket) -> dict[str, str]:
    verdict = Ledger(RetainedObjects(bucket)).verify()
    assert {problem.fault for problem in verdict.problems} <= {"versions"}
    return {problem.path: problem.meaning for problem in verdict.problems}


def test_an_entry_that_was_marked_as_deleted_is_still_there_and_flagged(bucket, store):
    before = fill(store, 3).entries()
    remove(bucket, 2)
    remove(bucket, 3)
    reader = Ledger(RetainedObjects(bucket))
    assert reader.entries() == before
    assert flagged(bucket) == {
        path_of(seq): f"{path_of(seq)} was marked as deleted: the entry is still there"
        for seq in (2, 3)
    }
    assert reader.append("trial", trial("r9"), actor="x").seq == 4
    assert Ledger(RetainedObjects(bucket)).entries()[:3] == before


@pytest.mark.parametrize("first", [remove, lambda *_: None], ids=["removed", "overwritten"])
def test_an_entry_that_was_put_over_another_is_read_by_nobody(bucket, store, first):
    ledger = fill(store, 2)
    ledger.append("halt", HALT, actor="bob")
    before = ledger.entries()
    first(bucket, 3)
    put_over(bucket, 3, forged(ledger, 3))
    put_over(bucket, 3, b"junk")
    for reader in (ledger, Ledger(store), Ledger(RetainedObjects(bucket))):
        assert reader.entries() == before
    assert flagged(bucket) == {path_of(3): f"{path_of(3)} has 3 versions: the oldest is the entry"}
    assert stand(Ledger(RetainedObjects(bucket)).entries(), POLICY).brake is not None


def test_who_reads_without_versions_would_have_taken_it(bucket, store):
    """What the two tests before are about: the newest version is another one."""
    ledger = fill(store, 3)
    remove(bucket, 3)
    put_over(bucket, 3, forged(ledger, 3))
    assert b'"eve"' in BucketObjects(bucket).get(path_of(3))
    assert b'"eve"' not in RetainedObjects(bucket).get(path_of(3))


def test_a_writer_does_not_take_a_number_that_was_marked_as_deleted(bucket, store):
    ledger, rival = Ledger(store), Ledger(RetainedObjects(bucket))
    fill(store, 2)

    def unless(entries) -> bool:
        if len(entries) == 2:  # between looking and writing
            rival.append("trial", trial("rival"), actor="rival")
            remove(bucket, 3)
        return False

    assert ledger.append("trial", trial("late"), actor="late", unless=unless).seq == 4
    actors = [entry.actor for entry in Ledger(RetainedObjects(bucket)).entries()]
    assert actors == ["command", "command", "rival", "late"]
    with pytest.raises(AlreadyExists):
        store.put_new(path_of(3), b"x")


def test_a_marker_without_an_entry_is_no_entry(bucket, store):
    ledger = fill(store, 1)
    remove(bucket, 2)
    assert Ledger(RetainedObjects(bucket)).entries() == ledger.entries()
    assert flagged(bucket) == {}
    assert ledger.append("halt", HALT, actor="x").seq == 2
    with pytest.raises(NotFound):
        store.get(path_of(7))


def test_versions_of_entries_outlive_the_rules_that_let_old_versions_go(bucket, store):
    from minio.error import S3Error

    put_rules(bucket, LIFECYCLE)
    ledger = fill(store, 1)
    put_over(bucket, 1, forged(ledger, 1))
    client = minio_client(bucket)
    versions = list(client.list_objects(bucket.name, prefix=key(bucket, 1), include_version=True))
    assert len(versions) == 2
    with pytest.raises(S3Error, match=r"WORM|locked|protected"):
        client.remove_object(bucket.name, key(bucket, 1), version_id=versions[-1].version_id)
    kept = client.get_object_retention(bucket.name, key(bucket, 1), versions[-1].version_id)
    assert kept.mode == "COMPLIANCE"


def test_versions_are_looked_up_in_pages(bucket, store, monkeypatch):
    monkeypatch.setattr("storage.buckets.retained._PAGE", 3)
    fill(store, 8)
    for seq in range(1, 9):
        put_over(bucket, seq, b"junk")
    remove(bucket, 4)
    reader = Ledger(RetainedObjects(bucket))
    assert [entry.body["run_id"] for entry in reader.entries()] == [f"r{n}" for n in range(8)]
    assert len(flagged(bucket)) == 8


def test_everything_is_halted_whatever_is_done_to_the_bucket(bucket, store):
    office = Office(store=store)
    office.reaches_paper()
    halt_all(office.ledger, reason="stop", actor="bob")
    store.delete("halted/all.json")
    for entry in office.ledger.entries():
        remove(bucket, entry.seq)
    reader = Ledger(RetainedObjects(bucket), place="")
    assert stand(reader.entries(), office.policy).brake is not None


def test_a_clock_that_is_out_is_refused_by_the_bucket_itself(store, monkeypatch):
    from datetime import UTC, datetime, timedelta

    import minio.time

    ledger = fill(store, 1)
    wrong = datetime.now(UTC) + timedelta(days=365)
    monkeypatch.setattr(minio.time, "utcnow", lambda: wrong)
    with pytest.raises(QraftError, match=r"(?i)clock|time"):
        ledger.append("trial", trial("r2"), actor="x")


def test_a_request_of_another_time_is_said_to_be_the_clocks_fault(bucket):
    error = OSError("<Code>RequestTimeTooSkewed</Code>")
    assert isinstance(BucketObjects(bucket)._refused("x", error), Refused)
