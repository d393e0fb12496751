"""Publishing: a decision is kept first, then told, then put into the warehouse."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from gate.authority import authorise
from gate.signals import TOPICS, Signal
from gate.stages import Stage
from storage.events.envelope import to_bytes
from storage.objects import AlreadyExists
from storage.open import open_bus, open_warehouse
from tasks.following.scene import SIGNAL, is_signal, read_told
from tasks.paper.published import decision, path_of

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from gate.authority import Authority
    from gate.policy import Policy
    from gate.strategies import Strategy
    from storage.ledger import Entry, Ledger
    from tasks.following.scene import Scene
    from tasks.paper.published import Published

PATIENCE = 4
"""A signal is valid for so many times the usual distance to its deal: weekends are in it."""


def publish(
    scene: Scene, ledger: Ledger, policy: Policy, strategy: Strategy, now: datetime
) -> datetime | None:
    """Publish the newest decision, if it came after the strategy came to paper."""
    plan = scene.session.plan
    newest = decision(scene.bars, scene.scores, now=now, run_id=plan.run_id, code=plan.code_digest)
    if newest is None or newest.ts <= scene.since:
        return None
    entry = _keep(scene, ledger, strategy, newest)
    newest = read_told(scene.session.lake.store, entry)
    weights = _targets(scene, ledger)
    signal = _signal(scene, strategy, newest, weights, entry.body["path"])
    authority: Authority | None = None
    if strategy.stage is Stage.LIVE:
        authority = authorise(ledger.entries(), policy, strategy.strategy, scene.running(), now)
    bus = open_bus(scene.session.settings, scene.session.workspace)
    try:
        bus.publish(TOPICS[strategy.stage], [to_bytes(signal.event(authority))])
    finally:
        bus.close()
    _load(scene, strategy, newest, weights)
    return newest.ts


def _keep(scene: Scene, ledger: Ledger, strategy: Strategy, newest: Published) -> Entry:
    """Put a decision into the lake and onto the ledger; of two of one time the first stands."""
    raw = newest.to_bytes()
    sha256 = hashlib.sha256(raw).hexdigest()
    path = path_of(strategy.strategy, newest.ts, sha256)
    with suppress(AlreadyExists):  # its name is its content
        scene.session.lake.store.put_new(path, raw)
    about = {"strategy": strategy.strategy, "ts": newest.ts.isoformat()}
    body = {**about, "run_id": newest.run_id, "path": path, "sha256": sha256}

    def same(entry: Entry) -> bool:
        return is_signal(entry, strategy.strategy) and about.items() <= entry.body.items()

    told = ledger.append(SIGNAL, body, actor="run", unless=lambda entries: any(map(same, entries)))
    return told or next(entry for entry in ledger.entries() if same(entry))


def _targets(scene: Scene, ledger: Ledger) -> pl.DataFrame:
    from tasks.paper.account import targets
    from tasks.paper.published import all_scores
    from tasks.paper.timeliness import in_time

    published = scene.published(ledger.entries())
    rules, zone = scene.spec.backtest, scene.spec.data.zone
    punctual = in_time(published, scene.bars, rules, scene.spec.frequency, zone)
    return targets(scene.bars, all_scores(punctual), scene.spec, scene.patterns)


def _signal(
    scene: Scene, strategy: Strategy, newest: Published, weights: pl.DataFrame, path: str
) -> Signal:
    from tasks.paper.account import STEP

    wait = scene.spec.backtest.trade_delay_bars * STEP[scene.spec.frequency]
    return Signal(
        strategy=strategy.strategy,
        stage=strategy.stage,
        run_id=newest.run_id,
        ts=newest.ts,
        valid_until=newest.ts + PATIENCE * wait,
        targets=weights.rows(),
        kept_at=path,
    )


def _load(scene: Scene, strategy: Strategy, newest: Published, weights: pl.DataFrame) -> None:
    """Put the signal into the warehouse: it takes the place of the run's own rows."""
    import polars as pl

    rows = newest.scores.join(
        weights, on="symbol", how="left", maintain_order="left"
    ).select(
        pl.lit(scene.session.plan.run_id).alias("run_id"),
        pl.lit(strategy.strategy).alias("strategy"),
        pl.lit(str(strategy.stage)).alias("stage"),
        "ts", "symbol", "score", "weight",
    )  # fmt: skip
    session = scene.session
    with open_warehouse(
        session.settings, session.workspace, on_wait=session.reporter.waiting
    ) as warehouse:
        warehouse.replace("signals", session.plan.run_id, rows)
