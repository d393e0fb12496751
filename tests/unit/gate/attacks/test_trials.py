"""Attempts to have tried less than one has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from configs.errors import Damaged
from gate.checks.table import CHECKS
from gate.evidence.assembling import assemble
from gate.evidence.families import Families, family_of
from gate.evidence.outcomes import Ended, Series, record_outcomes
from gate.evidence.proposals import propose
from gate.evidence.trials import record_trial
from storage.lake.lake import Lake
from storage.lake.manifest import DatasetId
from storage.lake.objects import MemoryObjects
from storage.ledger import Ledger
from storage.seals.likeness import sketch
from storage.seals.register import SEEN
from tests.market import market

DAYS = 400


class Bench:
    """A researcher's ledger and lake."""

    def __init__(self) -> None:
        self.store = MemoryObjects()
        self.ledger = Ledger(self.store)
        self.lake = Lake(self.store, self.ledger)
        self.stamps = market(0, symbols=1, days=DAYS)["ts"]

    def tries(self, run_id: str, bars: pl.DataFrame, *, study: str = "a@1", data: str = "d") -> str:
        """Begin a trial on some bars, as a run does; return its family."""
        seen = sketch(bars)
        body = {"data": data, "reading": "r", **seen.to_body()}
        self.ledger.append(SEEN, body, actor="command")
        family = family_of(self.ledger.entries(), seen.name)
        record_trial(
            self.ledger, run_id=run_id, strategy=study, family=family, road="command",
            about={"spec": study, "data": data, "print": seen.name},
        )  # fmt: skip
        return family

    def ends(self, run_id: str, returns: np.ndarray) -> None:
        """End a trial with these returns."""
        equity = pl.DataFrame(
            {"ts": self.stamps, "net_return": returns, "benchmark_return": np.zeros(DAYS)}
        )
        stress = pl.DataFrame({"scenario": ["costs_x2"], "sharpe": [1.0], "meaning": ["dearer"]})
        where = DatasetId("report", "backtest", run_id)
        contents = {"equity.parquet": equity, "stress.parquet": stress}
        manifest = self.lake.commit(where, contents, inputs={}, section={}, code="c")
        digest = manifest.file("equity.parquet").sha256
        series = Series("report", "backtest", run_id, "equity.parquet", digest)
        sharpe = float(returns.mean() / returns.std(ddof=1))
        record_outcomes(self.ledger, [Ended(run_id, "finished", sharpe, DAYS, series)], actor="run")

    def proposes(self, run_id: str, study: str = "a@1") -> None:
        manifest = self.lake.manifest(DatasetId("report", "backtest", run_id))
        evidence: dict[str, Any] = {
            "figures": {"bars_a_year": 252.0},
            "keys": {"backtest": run_id},
            "files": {file.name: file.sha256 for file in manifest.files},
            "spec": "s", "code": "c", "data": "d",
        }  # fmt: skip
        propose(self.ledger, strategy=study, run_id=run_id, evidence=evidence, road="run")

    def searches(self, count: int = 20, seed: int = 1) -> str:
        """Try noise many times, propose the best, and return its run."""
        noise = np.random.default_rng(seed).normal(0, 0.01, (DAYS, count))
        for number in range(count):
            self.tries(f"r{number}", market(0), study=f"a@{number}")
            self.ends(f"r{number}", noise[:, number])
        best = f"r{int((noise.mean(0) / noise.std(0)).argmax())}"
        self.proposes(best)
        return best

    def deflated(self, run_id: str) -> float:
        found = CHECKS["deflated_sharpe"].evaluate(assemble(self.ledger, self.lake, run_id), 0.95)
        assert found.figure is not None
        return found.figure


@pytest.fixture
def bench() -> Bench:
    return Bench()


DISGUISES = {
    "the spec renamed": lambda bars: bars,
    "symbols renamed": lambda bars: bars.with_columns(pl.col("symbol") + "_US"),
    "prices in cents": lambda bars: bars.with_columns(pl.col("close") * 100),
    "single precision": lambda bars: bars.with_columns(pl.col("close").cast(pl.Float32)),
    "rows shuffled": lambda bars: bars.sample(fraction=1, shuffle=True, seed=3),
    "begun a month later": lambda bars: bars.filter(pl.col("ts") > bars["ts"].min()),
    "half of the period": lambda bars: bars.filter(pl.col("ts") > bars["ts"].median()),
    "one symbol left out": lambda bars: bars.filter(pl.col("symbol") != "S0"),
    "two symbols only": lambda bars: bars.filter(pl.col("symbol").is_in(["S0", "S4"])),
    "padded with other data": lambda bars: pl.concat(
        [bars, market(77).with_columns(pl.col("symbol") + "z")]
    ),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_disguise_starts_a_fresh_family(bench, disguise):
    first = bench.tries("r1", market(0), data="d")
    again = bench.tries("r2", DISGUISES[disguise](market(0)), study="fresh@9", data="another file")
    assert again == first
    assert len(Families(bench.ledger.entries()).trials(first)) == 2


def test_other_data_are_another_family(bench):
    assert bench.tries("r1", market(0)) != bench.tries("r2", market(50), data="e")


def test_the_same_bytes_read_in_another_way_are_one_family(bench):
    """Another column as the close: other returns, of the same file."""
    first = bench.tries("r1", market(0), data="d")
    assert bench.tries("r2", market(50), study="fresh@9", data="d") == first
    assert len(Families(bench.ledger.entries()).trials(first)) == 2


def test_two_families_that_turn_out_to_be_one_are_counted_as_one(bench):
    early = market(0, days=1000).filter(pl.col("ts").dt.year() < 2016)
    late = market(0, days=1000).filter(pl.col("ts").dt.year() > 2016)
    assert bench.tries("r1", early) != bench.tries("r2", late, data="e")
    bench.tries("r3", market(0, days=1000), data="f")
    families = Families(bench.ledger.entries())
    assert {families.of_run(run) for run in ("r1", "r2", "r3")} == {families.of_run("r1")}
    assert len(families.trials(families.of_run("r2"))) == 3


def test_an_aborted_trial_counts(bench):
    best = bench.searches()
    before = bench.deflated(best)
    bench.tries("aborted", market(0), study="a@77")
    family = assemble(bench.ledger, bench.lake, best).family
    assert (family.trials, family.outcomes["unfinished"]) == (21, 1)
    assert bench.deflated(best) < before


def test_a_failed_trial_counts(bench):
    best = bench.searches()
    before = bench.deflated(best)
    bench.tries("failed", market(0), study="a@78")
    record_outcomes(bench.ledger, [Ended("failed", "failed", why="out of memory")], actor="run")
    family = assemble(bench.ledger, bench.lake, best).family
    assert (family.trials, family.outcomes["failed"]) == (21, 1)
    assert bench.deflated(best) < before


def test_a_failure_is_forgotten_when_the_run_succeeds_and_is_still_one_trial(bench):
    bench.tries("r1", market(0))
    record_outcomes(bench.ledger, [Ended("r1", "failed", why="disk full")], actor="run")
    bench.ends("r1", np.random.default_rng(0).normal(0, 0.01, DAYS))
    bench.proposes("r1")
    family = assemble(bench.ledger, bench.lake, "r1").family
    assert (family.trials, family.outcomes["failed"], family.outcomes["finished"]) == (1, 0, 1)


def test_copies_of_one_trial_do_not_dilute_the_others(bench):
    best = bench.searches()
    before = bench.deflated(best)
    dull = np.random.default_rng(9).normal(0, 0.01, DAYS)
    for number in range(60):
        bench.tries(f"copy{number}", market(0), study=f"a@c{number}")
        bench.ends(f"copy{number}", dull)
    assert bench.deflated(best) < before + 0.02


def test_removing_the_results_of_losers_does_not_help(bench):
    best = bench.searches()
    before = bench.deflated(best)
    for info in bench.store.list("report"):
        if f"/{best}/" not in info.path:
            bench.store.delete(info.path)
    assert assemble(bench.ledger, bench.lake, best).family.trials == 20
    assert bench.deflated(best) <= before + 1e-9


def test_exchanging_the_returns_of_a_loser_is_noticed(bench):
    best = bench.searches()
    loser = "r0" if best != "r0" else "r1"
    where = DatasetId("report", "backtest", loser)
    forged = replace(bench.lake.manifest(DatasetId("report", "backtest", best)), dataset=where)
    bench.store.put(where.manifest_path, forged.to_json())
    with pytest.raises(Damaged, match="not those that the ledger names"):
        assemble(bench.ledger, bench.lake, best)


def test_exchanging_the_returns_that_are_judged_is_noticed(bench):
    best = bench.searches()
    where = DatasetId("report", "backtest", best)
    bench.store.delete(where.manifest_path)
    lucky = pl.DataFrame(
        {"ts": bench.stamps, "net_return": np.full(DAYS, 0.01), "benchmark_return": np.zeros(DAYS)}
    )
    stress = pl.DataFrame({"scenario": ["costs_x2"], "sharpe": [9.0], "meaning": ["dearer"]})
    contents = {"equity.parquet": lucky, "stress.parquet": stress}
    bench.lake.commit(where, contents, inputs={}, section={}, code="c")
    with pytest.raises(Damaged, match="not what the run submitted"):
        assemble(bench.ledger, bench.lake, best)


def test_changing_the_bytes_that_are_judged_is_noticed(bench):
    best = bench.searches()
    equity = bench.lake.manifest(DatasetId("report", "backtest", best)).file("equity.parquet")
    raw = bytearray(bench.store.get(equity.path))
    raw[len(raw) // 2] ^= 1
    bench.store.put(equity.path, bytes(raw))
    with pytest.raises(Damaged):
        assemble(bench.ledger, bench.lake, best)


def test_a_deleted_trial_breaks_the_ledger(bench):
    best = bench.searches(4)
    first = next(e for e in bench.ledger.entries("trial") if e.body["run_id"] != best)
    bench.store.delete(first.path)
    assert [p.fault for p in Ledger(bench.store).verify().problems] == ["missing"]
    with pytest.raises(Damaged, match="is missing"):
        assemble(Ledger(bench.store), bench.lake, best)


def test_the_best_of_noise_is_stopped_and_skill_is_not(bench):
    best = bench.searches(60, seed=5)
    assert bench.deflated(best) < 0.95
    bench.tries("real", market(0), study="a@real")
    bench.ends("real", np.random.default_rng(8).normal(0.0035, 0.01, DAYS))
    bench.proposes("real", "a@real")
    assert bench.deflated("real") > 0.95
