"""Bundles: the same bytes each time, verified anywhere, and no byte of them without a meaning."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest

from configs.children import child_environment
from configs.errors import BadInput
from gate.bundle import container
from gate.bundle.container import CutOff, Malformed, read_members, write_members
from gate.bundle.contents import ENTRIES, INDEX, SIGNATURES, read_entries, write_entries
from gate.bundle.exporting import export, signed_bytes
from gate.bundle.verifying import fingerprint_of, verify_bundle
from gate.policy.stages import Act, Stage
from storage.lake.lake import Lake
from storage.ledger import Head
from taskspecs.identity import canonical_json
from tests.conftest import REPOSITORY
from tests.evidence import expire, proposes_with_files
from tests.office import Office, private_key, public_key

FLIPS = 400


def exported(office: Office, **more) -> bytes:
    return export(office.ledger, Lake(office.store), **more)


@pytest.fixture(scope="module")
def office() -> Office:
    office = Office()
    office.reaches_live()
    proposes_with_files(office, "one")
    expire(office, proposes_with_files(office, "missing", keep=False))
    return office


@pytest.fixture(scope="module")
def root(office) -> str:
    return office.ledger.trust.founder


@pytest.fixture(scope="module")
def bundle(office) -> bytes:
    return exported(office)


def faults(raw: bytes, root: str | None = None, **more) -> set[str]:
    return {trouble.fault for trouble in verify_bundle(raw, root=root, **more).troubles}


def repacked(raw: bytes, **changed: bytes | None) -> bytes:
    """The same with members that are others, by somebody who holds no key."""
    members = {**read_members(raw), **{n.replace("__", "/"): c for n, c in changed.items()}}
    return write_members({name: part for name, part in members.items() if part is not None})


def reindexed(raw: bytes, sign=None, **changed) -> bytes:
    """The same with an index that fits, signed by whoever `sign` is."""
    import hashlib

    members = read_members(repacked(raw, **changed))
    index = json.loads(members[INDEX])
    index["files"] = {
        name: {"bytes": len(part), "sha256": hashlib.sha256(part).hexdigest()}
        for name, part in members.items() if name not in {INDEX, SIGNATURES}
    }  # fmt: skip
    members[INDEX] = canonical_json(index).encode()
    if sign is not None:
        members[SIGNATURES] = canonical_json([sign(members[INDEX])]).encode()
    return write_members(members)


def by_eve(index: bytes) -> dict[str, str]:
    signature = private_key("eve").sign(signed_bytes(index)).hex()
    return {"by": "runner", "key": public_key("eve"), "signature": signature}


def test_it_is_whole_and_the_same_each_time(office, bundle, root):
    found = verify_bundle(bundle, root=root)
    assert found.ok, found.troubles
    assert found.signed_by == ("runner",)
    assert verify_bundle(bundle, root=fingerprint_of(root)).ok
    assert exported(office) == bundle
    members = read_members(bundle)
    assert len([name for name in members if name.startswith("evidence/")]) == 2
    assert len([name for name in members if name.startswith("statements/")]) == 3
    assert {"policies/000001.json", "keys.json"} <= members.keys()


def test_what_is_gone_is_named_and_kills_nothing(bundle, root):
    found = verify_bundle(bundle, root=root)
    assert found.ok
    assert len(found.gone) == 3  # equity by its outcome and its proposal, stress by its proposal
    assert all("equity.parquet" in one or "stress.parquet" in one for one in found.gone)


def test_of_one_strategy_it_has_all_entries_and_its_evidence(office, root):
    raw = exported(office, strategy="missing@aaaaaaaaaaaa")
    found = verify_bundle(raw, root=root)
    assert found.ok
    assert len(found.entries) == len(office.ledger.entries())
    assert not [name for name in read_members(raw) if name.startswith("evidence/")]


def test_a_person_signs_beside_the_runner(office, root):
    def sign(message: bytes) -> str:
        return private_key("ann").sign(message).hex()

    raw = exported(office, person=("ann", public_key("ann"), sign))
    assert verify_bundle(raw, root=root).signed_by == ("runner", "ann")


def test_somebody_who_is_not_listed_is_a_foreign_signer(office, root):
    def sign(message: bytes) -> str:
        return private_key("eve").sign(message).hex()

    for name in ("eve", "ann", "runner"):
        raw = exported(office, person=(name, public_key("eve"), sign))
        assert faults(raw, root) == {"foreign signer"}


def test_a_tampered_entry(bundle, root):
    members = read_members(bundle)
    stored = read_entries(members[ENTRIES])
    stored[4] = stored[4].replace(b"I read it", b"I saw it.")
    changed = write_entries(stored)
    assert "tampered" in faults(repacked(bundle, **{ENTRIES: changed}), root)
    found = verify_bundle(reindexed(bundle, by_eve, **{ENTRIES: changed}), root=root)
    assert {"tampered", "foreign signer"} <= {one.fault for one in found.troubles}


def test_a_missing_entry(bundle, root):
    stored = read_entries(read_members(bundle)[ENTRIES])
    del stored[5]
    raw = reindexed(bundle, by_eve, **{ENTRIES: write_entries(stored)})
    assert {"missing", "foreign signer"} <= faults(raw, root)


def test_cut_off(bundle, root):
    for size in (0, 1, 511, 512, 1_000, len(bundle) // 2, len(bundle) - 512, len(bundle) - 1):
        assert faults(bundle[:size], root) == {"cut off"}
    stored = read_entries(read_members(bundle)[ENTRIES])
    del stored[max(stored)]
    raw = reindexed(bundle, by_eve, **{ENTRIES: write_entries(stored)})
    assert "cut off" in faults(raw, root)


def test_forked(office, bundle, root):
    entries = office.ledger.entries()
    assert faults(bundle, root, heads=[entries[3].head]) == set()
    assert faults(bundle, root, heads=[Head(4, "f" * 64)]) == {"forked"}
    assert faults(bundle, root, heads=[Head(10_000, "f" * 64)]) == {"cut off"}


def test_another_ledger(bundle, root):
    other = Office()
    other.tries("r0")
    other.reaches_paper()
    other.tightens(Act.HALT)
    assert "other ledger" in faults(bundle, public_key("eve"))
    theirs = read_members(exported(other))[ENTRIES]
    assert "other ledger" in faults(reindexed(bundle, by_eve, **{ENTRIES: theirs}), root)
    mixed = read_entries(read_members(bundle)[ENTRIES])
    mixed[3] = read_entries(theirs)[3]
    raw = reindexed(bundle, by_eve, **{ENTRIES: write_entries(mixed)})
    assert "tampered" in faults(raw, root)


def test_a_forgers_own_ledger_is_not_the_one_that_was_asked_for(root, tmp_path, monkeypatch):
    monkeypatch.setenv("QRAFT_STATE", str(tmp_path / "state"))
    forger = Office()
    forger.reaches_live()
    raw = exported(forger)
    assert verify_bundle(raw, root=None).ok
    assert faults(raw, root) == {"other ledger"}


@pytest.mark.parametrize("name", ["evidence/", "statements/", "policies/", "keys.json"])
def test_a_file_that_is_another_or_not_there(bundle, root, name):
    member = next(one for one in read_members(bundle) if one.startswith(name))
    for content in (b"another", None):
        assert faults(repacked(bundle, **{member: content}), root) <= {"tampered", "missing"}
        assert faults(repacked(bundle, **{member: content}), root)
        raw = reindexed(bundle, by_eve, **{member: content})
        assert faults(raw, root) >= {"foreign signer", "tampered"}


def test_statements_policies_and_keys_are_what_the_entries_say(bundle, office, root):
    """Signed by the runner itself: what people read is held against the entries all the same."""
    runner = office.ledger.runner

    def by_runner(index: bytes) -> dict[str, str]:
        return {"by": "runner", "key": runner.public, "signature": runner.sign(signed_bytes(index))}

    members = read_members(bundle)
    for prefix in ("statements/", "policies/", "keys.json"):
        member = next(one for one in members if one.startswith(prefix))
        raw = reindexed(bundle, by_runner, **{member: members[member] + b" "})
        assert faults(raw, root) == {"tampered"}
    assert verify_bundle(reindexed(bundle, by_runner), root=root).ok


def test_every_byte_of_a_small_bundle_has_a_meaning(root):
    """Each byte is changed, in its lowest bit or by another, and none goes unnoticed."""
    office = Office()
    office.tries()
    small = exported(office)
    known = office.ledger.trust.founder
    assert verify_bundle(small, root=known).ok
    draw = random.Random(7)
    for place in range(len(small)):
        changed = bytearray(small)
        changed[place] ^= draw.choice((0x01, 0x20, 0x80, draw.randrange(1, 256)))
        assert not verify_bundle(bytes(changed), root=known).ok, place


def test_bits_of_a_large_bundle_have_a_meaning(bundle, root):
    draw = random.Random(11)
    for _ in range(FLIPS):
        changed = bytearray(bundle)
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
        assert not verify_bundle(bytes(changed), root=root).ok


def test_something_added_is_noticed(bundle, root):
    for raw in (bundle + bytes(512), bundle + b"x", bytes(512) + bundle, bundle + bundle):
        assert not verify_bundle(raw, root=root).ok


@pytest.mark.parametrize("name", [
    "../etc/passwd", "/etc/passwd", "a/../b", "a//b", "./a", "a/.", ".hidden", "A", "a\\b", "a b",
    "é", "a\x00b", "x" * 101, "",
])  # fmt: skip
def test_a_name_that_leaves_the_folder_is_none(name):
    import tarfile

    with pytest.raises(Malformed):
        write_members({name: b"x"})
    try:
        header = tarfile.TarInfo(name).tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")
    except (ValueError, UnicodeEncodeError):
        return
    with pytest.raises((Malformed, CutOff)):
        read_members(header + bytes(1024))


def test_archives_of_other_kinds_are_none(bundle, tmp_path):
    import gzip
    import io
    import tarfile
    import zipfile

    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.json", bytes(10_000_000))
    link = tarfile.TarInfo("index.json")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    sparse = tarfile.TarInfo("index.json")
    sparse.type = tarfile.GNUTYPE_SPARSE
    large = tarfile.TarInfo("index.json")
    large.size = 8**11 - 1
    headers = [one.tobuf(tarfile.USTAR_FORMAT) for one in (link, sparse, large)]
    for raw in (bomb.getvalue(), gzip.compress(bundle), b"", b"{}", b"x" * 5_000,
                *(header + bytes(1024) for header in headers)):  # fmt: skip
        found = verify_bundle(raw, root=None)
        assert {one.fault for one in found.troubles} <= {"malformed", "cut off"}
        assert not found.ok


def test_there_are_bounds(monkeypatch, bundle):
    monkeypatch.setattr(container, "MOST_MEMBERS", 3)
    assert faults(bundle) == {"malformed"}
    with pytest.raises(ValueError, match="at most 3"):
        write_members(dict.fromkeys("abcd", b""))
    monkeypatch.setattr(container, "MOST_MEMBERS", 100)
    monkeypatch.setattr(container, "MOST_BYTES", len(bundle) - 1)
    assert faults(bundle) == {"malformed"}
    with pytest.raises(ValueError, match="at most"):
        write_members({"a": bytes(len(bundle))})


@pytest.mark.parametrize(
    "raw",
    [
        b"1 2\nab",
        b"1 1\nab\n",
        b"01 1\na\n",
        b"2 1\na\n1 1\na\n",
        b"1 1\na\n1 1\na\n",
        b"1  1\na\n",
        b"-1 1\na\n",
        b"1 -1\na\n",
        b"x",
        b"1 99999999999\na\n",
        b"0 1\na\n",
    ],
)
def test_entries_are_framed_in_one_way(raw):
    with pytest.raises(ValueError, match=r".+"):
        read_entries(raw)
    assert read_entries(write_entries({1: b"a\n\x00", 3: b""})) == {1: b"a\n\x00", 3: b""}


@pytest.mark.parametrize("index", [b"", b"[]", b"{}", b"null", b"[" * 5_000, b'{"format":1}'])
def test_an_index_of_another_form(bundle, index):
    assert faults(repacked(bundle, **{INDEX: index})) == {"malformed"}


def test_junk_on_the_ledger_is_exported_as_it_is(root):
    office = Office()
    office.tries()
    office.store.put_new("ledger/000000000002.json", b"\xff\n\x00 junk 1 1\n")
    office.reopen()
    office.tries("r2")
    raw = exported(office)
    found = verify_bundle(raw, root=office.ledger.trust.founder)
    assert found.ok, found.troubles
    assert 2 in found.void


def test_an_empty_ledger_has_no_bundle():
    with pytest.raises(BadInput, match="no entries"):
        exported(Office())


@pytest.mark.slow
def test_it_is_verified_without_a_workspace(bundle, root, tmp_path):
    """Another folder, an empty home, no state: one file, and the fingerprint of its root."""
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "audit.tar").write_bytes(bundle)
    environment = {
        "HOME": str(home), "PYTHONPATH": str(REPOSITORY), "QRAFT_STATE": "", "XDG_STATE_HOME": "",
        "XDG_CONFIG_HOME": "", "QRAFT_WORKSPACE": "",
    }  # fmt: skip

    def verify(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "agent.cli.main", "gate", "verify", "audit.tar", *arguments],
            cwd=tmp_path, env=child_environment(environment), capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    done = verify("--root", fingerprint_of(root), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["ok"]
    assert told["signed_by"] == ["runner"]
    assert all(one["fault"] is None for one in told["statements"])
    assert verify("--root", "sha256:" + "0" * 64).returncode == 1
    assert verify().returncode == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["audit.tar", "home"]
    assert not any(home.iterdir())


def test_a_revoked_runner_signs_no_bundle(root):
    from gate.deciding.root import revoke

    office = Office()
    office.reaches_paper()
    revoke(office.ledger, office.ledger.runner.public, since=None, reason="stolen", actor="ann",
           swear=office.swears("ann"))  # fmt: skip
    raw = exported(office)
    assert faults(raw, office.ledger.trust.founder) == {"foreign signer"}
    assert office.stage is Stage.PAPER
