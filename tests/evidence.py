"""Strategies whose evidence is in a lake, as runs leave it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from gate.evidence.assembling import keep_evidence
from gate.evidence.outcomes import Ended, Series, record_outcomes
from gate.evidence.proposals import propose
from storage.lake.lake import Lake
from storage.lake.manifest import DatasetId
from tests.office import GOOD, Office

FILES = ("equity.parquet", "stress.parquet")


def proposes_with_files(office: Office, name: str, *, keep: bool = True) -> DatasetId:
    """Propose a strategy whose backtest is in the lake; return where it is."""
    lake = Lake(office.store)
    times = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(40)]
    returns = [0.001 * ((n * 7 + len(name)) % 5 - 1) for n in range(40)]
    equity = pl.DataFrame({"ts": times, "net_return": returns, "benchmark_return": 0.0})
    stress = pl.DataFrame({"scenario": ["costs_x2"], "sharpe": [float(len(name))]})
    where = DatasetId("report", "backtest", f"{name}-key")
    manifest = lake.commit(
        where, {"equity.parquet": equity, "stress.parquet": stress}, inputs={}, section={}, code="c"
    )
    digests = {file: manifest.file(file).sha256 for file in FILES}
    strategy, run_id = f"{name}@aaaaaaaaaaaa", f"run-{name}"
    office.tries(run_id, strategy)
    if keep:
        keep_evidence(office.ledger, lake, manifest, FILES)
    series = Series("report", "backtest", where.key, "equity.parquet", digests["equity.parquet"])
    record_outcomes(office.ledger, [Ended(run_id, "finished", 0.1, 40, series)], actor="run")
    evidence = {
        "figures": dict(GOOD), "keys": {"backtest": where.key}, "files": digests, **office.running,
    }  # fmt: skip
    propose(office.ledger, strategy=strategy, run_id=run_id, evidence=evidence, road="run",
            proposer="the machine")  # fmt: skip
    return where


def expire(office: Office, where: DatasetId) -> None:
    """Let a result go, as a bucket's rules do after a year."""
    for info in office.store.list(where.prefix):
        office.store.delete(info.path)
