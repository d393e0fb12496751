"""Following: after each run of a strategy at paper or live, look at it, stop it, or publish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from configs.errors import Forbidden, QraftError
from gate.authority import authorise
from gate.clock import now_utc
from gate.finding import find
from gate.signals import TOPICS, Signal
from gate.stages import Act, Stage
from gate.strategies import PAPER_KIND, running, stand
from gate.tightening import tighten
from gate.watch import breaches
from storage.events.envelope import to_bytes
from storage.manifest import DatasetId
from storage.objects import AlreadyExists
from storage.open import open_bus, open_warehouse
from tasks.paper.published import FOLDER, decision, path_of, read_published

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from gate.authority import Authority
    from gate.policy import Policy
    from gate.strategies import Strategy
    from storage.ledger import Ledger
    from tasks.paper.published import Published
    from tasks.session import Session

POLICY = "policy"
"""Who acts where nobody is asked."""
PATIENCE = 4
"""A signal is valid for so many times the usual distance to its deal: weekends are in it."""


@dataclass(frozen=True, slots=True)
class Following:
    """What became of a running strategy in this run.

    Attributes
    ----------
    stage
        Where it stands now.
    figures
        How its paper account and its inputs fare, by name.
    published
        The time of the signal that was published; none where none was.
    stopped
        Why it was demoted or halted; empty where it was not.
    """

    stage: Stage
    figures: Mapping[str, float | None]
    published: datetime | None
    stopped: str = ""


def follow_up(
    session: Session,
    ledger: Ledger,
    policy: Policy,
    *,
    clock: Callable[[], datetime] = now_utc,
) -> Following | None:
    """Follow the strategy of a finished run, if it is at paper or live.

    In this order, so that a kill in between leaves nothing worse than a signal told twice: figures
    to the ledger, limits, the signal into the lake, the event onto the bus, rows into the
    warehouse. A run of the past (``as_of``) follows nothing: paper is what came later.

    Parameters
    ----------
    clock
        Tells the time, UTC.

    Returns
    -------
    Following or None
        None where the strategy runs at neither.
    """
    strategy = running(ledger.entries(), policy, session.plan.strategy)
    if strategy is None or session.plan.as_of is not None:
        return None
    now = clock()
    scene = _Scene(session, strategy, now)
    figures = scene.figures()
    _tell(ledger, strategy, session, figures)
    stopped = _enforce(ledger, policy, strategy, figures)
    if not stopped and strategy.stage is Stage.LIVE:
        stopped = _refuse_unauthorised(ledger, policy, strategy, scene, now)
    there = find(stand(ledger.entries(), policy), strategy.strategy)
    if there.stage not in TOPICS:
        return Following(there.stage, figures, None, stopped)
    published = _publish(scene, ledger, policy, there, now)
    return Following(there.stage, figures, published, stopped)


class _Scene:
    """What a run left, beside what was published before."""

    def __init__(self, session: Session, strategy: Strategy, now: datetime) -> None:
        self.session = session
        self.strategy = strategy
        self.spec = session.plan.spec
        self.since = datetime.fromisoformat(strategy.running_since)
        self.now = now
        self.bars: pl.DataFrame = session.bars()
        self.scores: pl.DataFrame = session.frame("signal", "scores")
        acts = bool(self.spec.backtest.reactions)
        self.patterns = session.frame("detection", "patterns") if acts else None

    def published(self) -> list[Published]:
        """Return all decisions since the strategy came to paper, the oldest first."""
        store = self.session.lake.store
        paths = [info.path for info in store.list(f"{FOLDER}/{self.strategy.strategy}")]
        kept = [read_published(store.get(path)) for path in paths]
        return [one for one in kept if one.ts > self.since]

    def figures(self) -> dict[str, float | None]:
        """Return what the gate looks at."""
        from tasks.paper.divergence import follow
        from tasks.paper.inputs import input_drift, stale_hours

        followed = follow(
            self.published(), self.bars, self.scores, self.spec,
            code=self.session.plan.code_digest, patterns=self.patterns,
        )  # fmt: skip
        revised = self.revised()
        return {
            **followed.figures(),
            "input_drift": input_drift(self.bars, self.since),
            "stale_hours": stale_hours(self.bars, self.now),
            "history_revised": None if revised is None else float(revised),
        }

    def revised(self) -> bool | None:
        """Whether the bars of the evidence were changed; None where they cannot be read."""
        from tasks.paper.inputs import history_revised

        key = self.strategy.evidence.get("keys", {}).get("ingest")
        dataset = DatasetId("refined", "ingest", str(key))
        lake = self.session.lake
        try:
            seen = lake.frame(lake.manifest(dataset), "bars.parquet")
        except QraftError:
            return None
        return history_revised(seen, self.session.frame("ingest", "bars"))

    def running(self) -> dict[str, str]:
        """Return the digests of what runs; bars that were added are no other data."""
        plan = self.session.plan
        same = self.revised() is False
        data = self.strategy.digests.data if same else plan.data_digest
        return {"spec": plan.spec_hash, "code": plan.code_digest, "data": data}


def _tell(
    ledger: Ledger, strategy: Strategy, session: Session, figures: Mapping[str, float | None]
) -> None:
    """Write the figures down, unless nothing but time has passed since the last ones."""
    body: dict[str, Any] = {
        "strategy": strategy.strategy,
        "run_id": session.plan.run_id,
        "figures": dict(figures),
    }

    def told(kept: Mapping[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in kept.get("figures", {}).items() if k != "stale_hours"}

    def known(entries: Sequence[Any]) -> bool:
        mine = [
            e.body for e in entries
            if e.kind == PAPER_KIND and e.body.get("strategy") == strategy.strategy
            and e.seq > strategy.since
        ]  # fmt: skip
        return bool(mine) and told(mine[-1]) == told(body)

    ledger.append(PAPER_KIND, body, actor="run", unless=known)


def _enforce(
    ledger: Ledger, policy: Policy, strategy: Strategy, figures: Mapping[str, float | None]
) -> str:
    """Demote or halt a strategy that passed a limit; return why."""
    found = breaches(policy, figures)
    if not found:
        return ""
    reason = "; ".join(breach.reason for breach in found)
    act = Act.HALT if found[0].then == "halt" else Act.DEMOTE
    tighten(ledger, policy, strategy.strategy, act, reason=reason, actor=POLICY)
    return reason


def _refuse_unauthorised(
    ledger: Ledger, policy: Policy, strategy: Strategy, scene: _Scene, now: datetime
) -> str:
    """Demote a strategy whose approvals do not hold any more; return why."""
    try:
        authorise(ledger.entries(), policy, strategy.strategy, scene.running(), now)
    except Forbidden as refusal:
        tighten(
            ledger, policy, strategy.strategy, Act.DEMOTE,
            to=Stage.PAPER, reason=refusal.what, actor=POLICY,
        )  # fmt: skip
        return refusal.what
    return ""


def _publish(
    scene: _Scene, ledger: Ledger, policy: Policy, strategy: Strategy, now: datetime
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


def _targets(scene: _Scene) -> pl.DataFrame:
    from tasks.paper.account import targets
    from tasks.paper.published import all_scores
    from tasks.paper.timeliness import in_time

    rules, zone = scene.spec.backtest, scene.spec.data.zone
    punctual = in_time(scene.published(), scene.bars, rules, scene.spec.frequency, zone)
    return targets(scene.bars, all_scores(punctual), scene.spec, scene.patterns)


def _signal(
    scene: _Scene, strategy: Strategy, newest: Published, weights: pl.DataFrame, path: str
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


def _load(scene: _Scene, strategy: Strategy, newest: Published, weights: pl.DataFrame) -> None:
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
