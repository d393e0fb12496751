"""Evidence is kept as long as the ledger; what is gone all the same is shown as gone."""

from __future__ import annotations

import pytest

from configs.errors import Damaged
from gate.accounts import summarise
from gate.evidence import assemble
from gate.strategies import stand
from storage.bucket_setup import _MADE_AGAIN
from storage.lake import Lake
from storage.ledger.evidence import FOLDER
from tests.evidence import expire, proposes_with_files


def seen(office, name):
    return assemble(office.ledger, Lake(office.store), f"run-{name}")


def test_what_the_ledger_names_outlives_the_lakes_rules(office):
    where = proposes_with_files(office, "one")
    before = seen(office, "one")
    expire(office, where)
    after = seen(office, "one")
    assert after.returns.tolist() == before.returns.tolist()
    assert after.stress == before.stress
    assert after.family.returns.tolist() == before.family.returns.tolist()
    assert after.family.returns.shape == (40, 1)


def test_no_rule_of_the_bucket_is_about_what_is_kept():
    assert FOLDER not in _MADE_AGAIN
    assert not any(FOLDER.startswith(f"{zone}/") for zone in _MADE_AGAIN)


def test_one_of_several_that_is_gone_kills_nothing(office):
    kept = [proposes_with_files(office, name) for name in ("one", "two")]
    gone = proposes_with_files(office, "lost", keep=False)
    for where in (*kept, gone):
        expire(office, where)
    standing = stand(office.ledger.entries(), office.policy)
    accounts = {one.name: summarise(one, office.desk) for one in standing.strategies}
    assert all(account["checks"] and not account["trouble"] for account in accounts.values())
    assert seen(office, "lost").returns.size == 0
    assert seen(office, "one").returns.size == seen(office, "two").returns.size == 40
    assert accounts["lost"]["gone"] == ["equity.parquet", "stress.parquet"]
    assert accounts["one"]["gone"] == accounts["two"]["gone"] == []


@pytest.mark.parametrize("kept", [True, False])
def test_one_of_several_that_was_changed_stops_no_list(office, kept):
    proposes_with_files(office, "one")
    where = proposes_with_files(office, "other", keep=kept)
    lake = Lake(office.store)
    path = lake.manifest(where).file("equity.parquet").path
    office.store.put(path, b"another file")
    standing = stand(office.ledger.entries(), office.policy)
    accounts = {one.name: summarise(one, office.desk) for one in standing.strategies}
    assert len(accounts) == 2
    # What was kept stands in; without it, a trial that was changed is no trial less.
    for account in accounts.values():
        assert bool(account["checks"]) is kept
        assert ("cannot be judged" in account["trouble"]) is not kept


def test_what_is_kept_is_held_against_its_digest(office):
    where = proposes_with_files(office, "one")
    expire(office, where)
    sha256 = office.ledger.evidence.manifest(where).file("equity.parquet").sha256
    office.store.put(f"{FOLDER}/{sha256}", b"another file")
    with pytest.raises(Damaged):
        seen(office, "one")
    assert office.ledger.evidence.read(sha256) is None


def test_what_is_sealed_is_not_handed_out_from_beside_the_ledger(office):
    """The kept manifest names its inputs: the guard looks at it as at the lake's own."""
    where = proposes_with_files(office, "one")
    assert office.ledger.evidence.manifest(where).inputs == Lake(office.store).manifest(
        where
    ).inputs  # fmt: skip
