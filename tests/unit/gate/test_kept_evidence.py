"""Evidence is kept as long as the ledger; what is gone all the same is shown as gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from configs.errors import Damaged, Forbidden
from gate.bundle.container import read_members
from gate.bundle.exporting import export
from gate.evidence.assembling import CARDS, assemble, keep_evidence, keep_family
from gate.evidence.outcomes import Ended, Series, record_outcomes
from gate.evidence.proposals import propose
from gate.evidence.trials import record_trial
from gate.strategies.strategies import stand
from gate.summaries import summarise
from storage.buckets.setup import _MADE_AGAIN
from storage.lake.lake import Lake
from storage.lake.manifest import DatasetId
from storage.ledger.evidence import FOLDER
from tests.evidence import expire, proposes_with_files
from tests.unit.gate.attacks.test_holdout import vault  # noqa: F401 - a fixture


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


def point(office, name: str, data: str = "d") -> DatasetId:
    """A point of a sweep: a trial whose returns are in the lake, and that proposes nothing."""
    lake = Lake(office.store)
    times = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(40)]
    returns = pl.DataFrame({"ts": times, "net_return": [0.001 * len(name)] * 40})
    where = DatasetId("report", "point", f"{name}-key")
    made = lake.commit(where, {"returns.parquet": returns}, inputs={}, section={}, code="c")
    record_trial(
        office.ledger, run_id=f"run-{name}", strategy=f"{name}@aaaaaaaaaaaa", road="sweep",
        family="sample:1" if data == "d" else data, about={"spec": "s", "data": data},
    )  # fmt: skip
    sha256 = made.file("returns.parquet").sha256
    series = Series("report", "point", where.key, "returns.parquet", sha256)
    record_outcomes(office.ledger, [Ended(f"run-{name}", "finished", 0.1, 40, series)], actor="x")
    return where


def test_the_returns_that_a_run_is_compared_with_are_kept(office):
    points = [point(office, name) for name in ("a", "bb", "ccc")]
    other = point(office, "else", data="other")
    lost = point(office, "lost")
    proposes_with_files(office, "one")
    expire(office, lost)
    keep_family(office.ledger, Lake(office.store), "run-one")
    keep_family(office.ledger, Lake(office.store), "run-one")  # again, it changes nothing
    before = seen(office, "one")
    for where in (*points, other):
        expire(office, where)
    after = seen(office, "one")
    assert after.family.returns.shape == (40, 4)
    assert after.family.returns.tolist() == before.family.returns.tolist()
    assert after.family.trials == 5
    kept = office.ledger.evidence
    assert [kept.manifest(one) is not None for one in (*points, other, lost)] == [
        True, True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("kept", [True, False])
def test_the_cards_of_detectors_are_those_that_were_submitted(office, kept):
    lake, where = Lake(office.store), DatasetId("report", "detection", "k")
    cards = pl.DataFrame({"detector": ["adwin"], "alarms_per_1000": [40.0]})
    made = lake.commit(where, {CARDS: cards}, inputs={}, section={}, code="")
    if kept:
        keep_evidence(office.ledger, lake, made, [CARDS])
    evidence = {"figures": {}, "keys": {"detection": "k"},
                "files": {CARDS: made.file(CARDS).sha256}}  # fmt: skip
    propose(office.ledger, strategy="a@1", run_id="r1", evidence=evidence, road="run")
    assert assemble(office.ledger, lake, "r1").calibration == tuple(cards.to_dicts())
    expire(office, where)
    better = cards.with_columns(alarms_per_1000=0.0)
    lake.commit(where, {CARDS: better}, inputs={}, section={}, code="")
    if kept:
        assert assemble(office.ledger, Lake(office.store), "r1").calibration[0] == cards.row(
            0, named=True
        )
    else:
        with pytest.raises(Damaged, match="not what the ledger names"):
            assemble(office.ledger, Lake(office.store), "r1")


def test_another_file_in_the_place_of_a_trials_returns_is_not_kept(office):
    where = point(office, "a")
    proposes_with_files(office, "one")
    lake = Lake(office.store)
    office.store.put(lake.manifest(where).file("returns.parquet").path, b"another file")
    keep_family(office.ledger, lake, "run-one")
    assert office.ledger.evidence.manifest(where) is None
    with pytest.raises(Damaged, match="not those that the ledger names"):
        seen(office, "one")


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


def test_what_is_sealed_is_not_handed_out_from_beside_the_ledger(vault):  # noqa: F811
    """It was kept before its source was sealed; the lake's own copy is gone."""
    vault.ingests(vault.bars)
    where = DatasetId("report", "backtest", "k")
    made = vault.lake.commit(
        where, {"equity.parquet": vault.bars.head(3).select("ts", net_return=pl.lit(0.1))},
        inputs={"ingest": "i"}, section={}, code="",
    )  # fmt: skip
    keep_evidence(vault.ledger, vault.lake, made, ["equity.parquet"])
    sha256 = made.file("equity.parquet").sha256
    evidence = {"figures": {}, "keys": {"backtest": "k"}, "files": {"equity.parquet": sha256}}
    propose(vault.ledger, strategy="a@1", run_id="r1", evidence=evidence, road="run")
    for info in vault.store.list(where.prefix):
        vault.store.delete(info.path)
    assert assemble(vault.ledger, vault.lake, "r1").returns.tolist() == [0.1] * 3
    vault.seal()
    assert assemble(vault.ledger, vault.lake, "r1").returns.size == 0
    with pytest.raises(Forbidden, match="sealed"):
        vault.lake.read(vault.ledger.evidence.manifest(where), "equity.parquet")
    raw = export(vault.ledger, vault.lake)
    assert not [name for name in read_members(raw) if name.startswith("evidence/")]
