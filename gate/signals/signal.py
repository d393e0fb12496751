"""A signal: one decision of a strategy at paper or live, as others will read it. Pure.

See gate/README.md for what a consumer can rely on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gate.policy.stages import Stage
from storage.events.envelope import LIVE, PAPER
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from gate.approval.mandate import Mandate
    from gate.signals.authority import Authority

TOPICS = {Stage.PAPER: PAPER, Stage.LIVE: LIVE}
VERSION = 1
"""Of the payload."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One decision of one strategy.

    Attributes
    ----------
    ledger
        The id of the ledger that tells it.
    strategy, stage, run_id
        Whose it is, and the run that made it.
    sequence
        Its number among the strategy's signals at that stage, from 1.
    ts, valid_until
        The end of the bar it rests on, and when it is too old to act on, UTC.
    published_at
        When it was signed, UTC.
    targets
        Symbol and weight of the account, of all that is to be held; nothing else is held.
    absent
        Approved symbols that have no bar at that time: what is held of them cannot be dealt.
    mandate
        The symbols and bounds that were approved.
    digests
        Of what made it: ``spec``, ``code`` and ``data``.
    kept_at
        Where the scores are in the lake.
    authority
        By whose word it leaves.
    """

    ledger: str
    strategy: str
    stage: Stage
    run_id: str
    sequence: int
    ts: datetime
    valid_until: datetime
    published_at: datetime
    targets: Sequence[tuple[str, float]]
    absent: Sequence[str]
    mandate: Mandate
    digests: Mapping[str, str]
    kept_at: str
    authority: Authority

    @property
    def key(self) -> str:
        """The idempotency key: one for a strategy, stage and time, however often it is told."""
        return key_of(self.strategy, str(self.stage), self.ts.isoformat())

    def payload(self) -> dict[str, Any]:
        """Return it as JSON values, not signed yet.

        Raises
        ------
        ValueError
            If it is live and nobody approved it.
        """
        if self.stage is Stage.LIVE and not self.authority.approvals:
            raise ValueError("nothing goes live without authority")
        return {
            "version": VERSION,
            "ledger": self.ledger,
            "strategy": self.strategy,
            "stage": str(self.stage),
            "run_id": self.run_id,
            "sequence": self.sequence,
            "ts": self.ts.isoformat(),
            "valid_until": self.valid_until.isoformat(),
            "published_at": self.published_at.isoformat(),
            "targets": [{"symbol": symbol, "weight": weight} for symbol, weight in self.targets],
            "absent": list(self.absent),
            "mandate": self.mandate.document(),
            "spec": self.digests["spec"],
            "code": self.digests["code"],
            "data": self.digests["data"],
            "scores": self.kept_at,
            "approval": self.authority.digest,
            "approvals": list(self.authority.approvals),
            "approved_by": list(self.authority.people),
            "approval_expires": self.authority.expires,
            "idempotency_key": self.key,
        }


def key_of(strategy: str, stage: str, ts: str) -> str:
    """Return the idempotency key of a strategy's signal at a stage and time."""
    return digest([strategy, stage, ts])[:32]
