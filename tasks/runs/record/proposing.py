"""A finished run's evidence, submitted to the gate: read from its results, never from who asks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gate.approval.mandate import draw_mandate
from gate.evidence import proposals
from gate.evidence.assembling import CARDS, keep_evidence, keep_family
from gate.policy.file import load_policy
from gate.policy.in_force import policy_in_force
from gate.strategies.strategies import running
from tasks.backtest.market.periods import bars_a_year
from tasks.runs.record import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gate.approval.mandate import Mandate
    from storage.ledger import Ledger
    from tasks.dag.session import Session

JUDGED = ("equity.parquet", "metrics.parquet", "stress.parquet")
"""Files of the backtest that the gate judges; their digests are part of the evidence.

They are kept beside the ledger before it names them, for as long as it stands.
"""


def is_running(session: Session, ledger: Ledger) -> bool:
    """Whether the strategy is at paper or live: its evidence is what it was approved for."""
    policy = load_policy(session.workspace)
    return running(ledger.entries(), policy, session.plan.strategy) is not None


def propose(session: Session, ledger: Ledger, *, road: str) -> bool:
    """Submit a run whose results are all there, at stage dryrun.

    Parameters
    ----------
    road
        Who asks, as the ledger will name it.

    Returns
    -------
    bool
        Whether it is a new proposal.
    """
    leak: Mapping[str, object] = json.loads(
        session.lake.read(session.manifest("signal"), "leak.json")
    )
    spec = session.plan.spec
    backtest = session.manifest("backtest")
    judged = {name: backtest.file(name).sha256 for name in JUDGED}
    keep_evidence(ledger, session.lake, backtest, JUDGED)
    if session.plan.has("detection"):
        detection = session.manifest("detection")
        cards = [file.name for file in detection.files if file.name == CARDS]
        keep_evidence(ledger, session.lake, detection, cards)
        judged |= {name: detection.file(name).sha256 for name in cards}
    keep_family(ledger, session.lake, session.plan.run_id)
    a_year = bars_a_year(session.frame("backtest", "equity")["ts"], spec.frequency, spec.data.zone)
    return proposals.propose(
        ledger,
        strategy=session.plan.strategy,
        run_id=session.plan.run_id,
        evidence=rows.evidence(
            session.frame("backtest", "metrics"), session.frame("ingest", "health"), leak,
            session.plan,
            judged,
            bars_a_year=a_year.bars,
            mandate=_mandate(session, ledger),
        ),
        road=road,
    )  # fmt: skip


def _mandate(session: Session, ledger: Ledger) -> Mandate:
    """Draw up which symbols may be held, and how much of them.

    By what the backtest held, as far as the policy lets any strategy hold it.
    """
    policy = policy_in_force(ledger.entries(), load_policy(session.workspace))
    weights = session.frame("backtest", "positions")["weight"]
    heaviest = weights.max() if len(weights) else 0.0
    drawn = draw_mandate(
        session.bars()["symbol"].unique().to_list(),
        float(heaviest or 0.0),  # type: ignore[arg-type]
        topk=session.plan.spec.backtest.topk,
    )
    return policy.narrowed(drawn)
