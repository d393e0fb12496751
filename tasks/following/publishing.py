"""Publishing: a decision is kept first, then told, then put into the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.authority import authorise
from gate.signals import TOPICS, Signal
from gate.stages import Stage
from storage.events.envelope import to_bytes
from storage.objects import AlreadyExists
from storage.open import open_bus, open_warehouse
from tasks.paper.published import decision, path_of, read_published

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from gate.authority import Authority
    from gate.policy import Policy
    from gate.strategies import Strategy
    from storage.ledger import Ledger
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
    path = path_of(strategy.strategy, newest.ts)
    try:
        scene.session.lake.store.put_new(path, newest.to_bytes())
    except AlreadyExists:
        # What was decided first stands; it is told again, in case it was not told to the end.
        newest = read_published(scene.session.lake.store.get(path))
    weights = _targets(scene)
    signal = _signal(scene, strategy, newest, weights, path)
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


def _targets(scene: Scene) -> pl.DataFrame:
    from tasks.paper.account import targets
    from tasks.paper.published import all_scores
    from tasks.paper.timeliness import in_time

    rules, zone = scene.spec.backtest, scene.spec.data.zone
    punctual = in_time(scene.published(), scene.bars, rules, scene.spec.frequency, zone)
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
