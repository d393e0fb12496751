"""Publishing: a signal is held against its bounds, signed, kept, and then told.

What left once is what leaves again: of one strategy, stage and time there is one signal, the same
to the last byte. Another one for that time, one that goes back, and one that passes what was
approved stay here, and the ledger says so.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from configs.errors import Failed, Forbidden
from configs.remedies import Mend
from gate.signals.envelope import read_envelope, seal
from gate.signals.rules import Fault, judge_alone
from gate.signals.signal import TOPICS
from gate.signals.told import REFUSED, SIGNAL, first_told, newest_sent
from storage.lake.objects import AlreadyExists
from storage.open import open_bus, open_warehouse
from tasks.live.following.composing import authority_of, compose, is_other, weigh
from tasks.live.following.live_state import read_kept, read_told
from tasks.live.paper.published import decision, envelope_path, path_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import polars as pl

    from gate.approval.mandate import Mandate
    from gate.policy.policy import Policy
    from gate.signals.authority import Authority
    from gate.signals.envelope import Envelope
    from gate.signals.told import Sent
    from gate.strategies.strategies import Strategy
    from storage.ledger import Entry, Ledger
    from tasks.live.following.live_state import LiveState
    from tasks.live.paper.published import Published

ATTEMPTS = 20
NO_MANDATE = (
    "it was proposed before symbols and bounds were approved: demote it to dryrun, run it, and "
    "approve what it proposes"
)


@dataclass(frozen=True, slots=True)
class Publication:
    """What became of a run's newest decision.

    Attributes
    ----------
    ts
        The time of the signal that was told; none where none was.
    held_back
        Why one was not; empty where nothing was held back.
    """

    ts: datetime | None = None
    held_back: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """A decision, the entry that tells it already, if one does, and the weights that follow."""

    made: Published
    told: Entry | None
    weights: pl.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Publisher:
    """Publishes the newest decision of a strategy at paper or live.

    Attributes
    ----------
    state
        What the run left.
    now
        UTC.
    """

    state: LiveState
    ledger: Ledger
    policy: Policy
    strategy: Strategy
    now: datetime

    def publish(self) -> Publication:
        """Publish the newest decision, if it came after the strategy came to paper.

        Raises
        ------
        Forbidden
            If its weights pass what was approved: nothing left, and the ledger says so.
        """
        plan, state = self.state.session.plan, self.state
        newest = decision(
            state.bars, state.scores, now=self.now, run_id=plan.run_id, code=plan.code_digest
        )
        if newest is None or newest.ts <= state.since:
            return Publication()
        mandate = self.strategy.mandate
        if mandate is None:
            return Publication(held_back=self._hold_back(newest, [NO_MANDATE]))
        for _ in range(ATTEMPTS):
            entries = self.ledger.entries()
            decided = self._decide(entries, newest)
            before = newest_sent(entries, self.strategy.strategy, str(self.strategy.stage))
            if before is not None and before.ts >= newest.ts:
                return self._tell_again(decided, newest, before)
            envelope = self._seal(mandate, decided, before)
            if self._keep(decided, envelope, before):
                self._send(decided.made, envelope)
                return Publication(newest.ts, self._hold_back_other(decided, newest))
        raise Failed(
            f"others keep publishing signals of {self.strategy.strategy}; this one was not told",
            remedy=Mend.LIST_SIGNALS(strategy=self.strategy.strategy),
        )

    def _decide(self, entries: Sequence[Entry], newest: Published) -> Decided:
        """Take the decision that is told already for that time, if one is: the first stands."""
        told = first_told(entries, self.strategy.strategy, newest.ts)
        made = read_told(self.state.session.lake.store, told) if told else newest
        return Decided(made, told, weigh(self.state, entries, made))

    def _tell_again(self, decided: Decided, newest: Published, before: Sent) -> Publication:
        """Tell once more what left already; what differs from it does not leave."""
        if before.ts > newest.ts:
            why = f"it is older than the signal of {before.ts.isoformat()}, which was published"
            return Publication(held_back=self._hold_back(newest, [why]))
        self._authority()
        kept = read_kept(self.state.session.lake.store, before.path, before.sha256)
        envelope = read_envelope(kept)
        self._send(decided.made, envelope)
        told = [(target.symbol, target.weight) for target in envelope.payload.targets]
        differs = told != decided.weights.rows()
        return Publication(newest.ts, self._hold_back_other(decided, newest, differs=differs))

    def _seal(self, mandate: Mandate, decided: Decided, before: Sent | None) -> Envelope:
        """Sign a decision, and hold what was signed against its bounds as whoever gets it will."""
        signal = compose(
            self.state, self.strategy, decided.made,
            mandate=mandate, weights=decided.weights, now=self.now, ledger=self.ledger.id,
            authority=self._authority(),
            sequence=before.sequence + 1 if before else 1, kept_at=self._where(decided)[0],
        )  # fmt: skip
        because = mandate.breaches(signal.targets)
        if not because:
            envelope = read_envelope(seal(signal, self.ledger.runner))
            found = judge_alone(envelope, self.now)
            if found.fault is Fault.NONE:
                return envelope
            because = [f"{found.fault}: {found.why}"]
        raise Forbidden(
            f"a signal of {self.strategy.strategy} was held back: "
            f"{self._hold_back(decided.made, because)}",
            hint="nothing was published, and it stays where it stands; what was approved is what "
            "its backtest held, with head-room",
            remedy=Mend.LIST_SIGNALS(strategy=self.strategy.strategy),
        )

    def _authority(self) -> Authority:
        entries = self.ledger.entries()
        return authority_of(self.state, entries, self.policy, self.strategy, self.now)

    def _keep(self, decided: Decided, envelope: Envelope, before: Sent | None) -> bool:
        """Put a signal into the lake and onto the ledger, unless another came in between."""
        name, stage, made = self.strategy.strategy, str(self.strategy.stage), decided.made
        path, sha256 = self._where(decided)
        sent_at = envelope_path(name, made.ts, stage, envelope.sha256)
        if decided.told is None:
            self._put(path, made.to_bytes())
        self._put(sent_at, envelope.raw)
        body: dict[str, Any] = {
            "strategy": name, "ts": made.ts.isoformat(), "run_id": made.run_id,
            "path": path, "sha256": sha256,
            "envelope": {
                "stage": stage, "sequence": envelope.payload.sequence, "path": sent_at,
                "sha256": envelope.sha256,
            },
        }  # fmt: skip

        def overtaken(entries: Sequence[Entry]) -> bool:
            told = first_told(entries, name, made.ts)
            return (told, newest_sent(entries, name, stage)) != (decided.told, before)

        return self.ledger.append(SIGNAL, body, actor="run", unless=overtaken) is not None

    def _where(self, decided: Decided) -> tuple[str, str]:
        """Return where a decision is kept, and its digest."""
        if decided.told is not None:
            return decided.told.body["path"], decided.told.body["sha256"]
        sha256 = hashlib.sha256(decided.made.to_bytes()).hexdigest()
        return path_of(self.strategy.strategy, decided.made.ts, sha256), sha256

    def _put(self, path: str, raw: bytes) -> None:
        with suppress(AlreadyExists):  # its name is its content
            self.state.session.lake.store.put_new(path, raw)

    def _hold_back_other(
        self, decided: Decided, newest: Published, *, differs: bool = False
    ) -> str:
        """Say that this run would have told another signal than stands, if it would."""
        if not differs and not is_other(decided.made, newest):
            return ""
        return self._hold_back(newest, ["another was published for that time, and stands"])

    def _hold_back(self, made: Published, because: list[str]) -> str:
        """Write down why a signal did not leave, once; return it in a sentence."""
        body: dict[str, Any] = {
            "strategy": self.strategy.strategy, "stage": str(self.strategy.stage),
            "ts": made.ts.isoformat(), "run_id": made.run_id, "because": because,
        }  # fmt: skip

        def known(entries: Sequence[Entry]) -> bool:
            return any(entry.kind == REFUSED and entry.body == body for entry in entries)

        self.ledger.append(REFUSED, body, actor="run", unless=known)
        return f"{made.ts.isoformat()}: {'; '.join(because)}"

    def _send(self, made: Published, envelope: Envelope) -> None:
        """Put a signal onto the bus, and into the warehouse in place of the run's own rows."""
        session = self.state.session
        bus = open_bus(session.settings, session.workspace)
        try:
            bus.publish(TOPICS[self.strategy.stage], [envelope.raw])
        finally:
            bus.close()
        with open_warehouse(
            session.settings, session.workspace, on_wait=session.reporter.waiting
        ) as warehouse:
            rows = _rows(self.strategy, session.plan.run_id, made, envelope)
            warehouse.replace("signals", session.plan.run_id, rows)


def _rows(strategy: Strategy, run_id: str, made: Published, envelope: Envelope) -> pl.DataFrame:
    import polars as pl

    schema = {"symbol": pl.String, "weight": pl.Float64}
    weights = pl.DataFrame(envelope.document["targets"], schema=schema)
    return made.scores.join(weights, on="symbol", how="left", maintain_order="left").select(
        pl.lit(run_id).alias("run_id"),
        pl.lit(strategy.strategy).alias("strategy"),
        pl.lit(str(strategy.stage)).alias("stage"),
        "ts", "symbol", "score", "weight",
    )  # fmt: skip
