"""Signals as others see them: the events of a strategy at paper or live. Pure.

See gate/README.md for what a consumer can rely on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gate.stages import Stage
from storage.events.envelope import LIVE, PAPER, Event, make_event
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gate.authority import Authority

TOPICS = {Stage.PAPER: PAPER, Stage.LIVE: LIVE}
TYPE = "signal"


@dataclass(frozen=True, slots=True)
class Signal:
    """One decision of one strategy.

    Attributes
    ----------
    strategy, stage, run_id
        Whose it is, and the run that made it.
    ts, valid_until
        The end of the bar it rests on, and when it is too old to act on, UTC.
    targets
        Symbol and weight of the account, of all that is to be held; nothing else is held.
    kept_at
        Where the scores are in the lake.
    """

    strategy: str
    stage: Stage
    run_id: str
    ts: datetime
    valid_until: datetime
    targets: Sequence[tuple[str, float]]
    kept_at: str

    @property
    def key(self) -> str:
        """The idempotency key: one for a strategy, stage and time, however often it is told."""
        about = [self.strategy, str(self.stage), self.ts.isoformat()]
        return digest(about)[:32]

    def event(self, authority: Authority | None) -> Event:
        """Return it as an event.

        Parameters
        ----------
        authority
            By whose word it goes live; none for paper.
        """
        payload: dict[str, Any] = {
            "strategy": self.strategy,
            "stage": str(self.stage),
            "run_id": self.run_id,
            "ts": self.ts.isoformat(),
            "valid_until": self.valid_until.isoformat(),
            "targets": [{"symbol": symbol, "weight": weight} for symbol, weight in self.targets],
            "scores": self.kept_at,
            "idempotency_key": self.key,
        }
        if self.stage is Stage.LIVE:
            if authority is None:
                raise ValueError("nothing goes live without authority")
            payload["approval"] = authority.approvals
            payload["approved_by"] = list(authority.people)
            payload["approval_expires"] = authority.expires
        return make_event(TYPE, self.strategy, payload, ts=self.ts, event_id=self.key)
