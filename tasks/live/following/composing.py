"""Composing: from a decision to the signal that leaves, and why one may not leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.policy.stages import Stage
from gate.signals.authority import authorise, granted
from gate.signals.signal import Signal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import polars as pl

    from gate.approval.mandate import Mandate
    from gate.policy.policy import Policy
    from gate.signals.authority import Authority
    from gate.strategies.strategies import Strategy
    from storage.ledger import Entry
    from tasks.live.following.live_state import LiveState
    from tasks.live.paper.published import Published

PATIENCE = 4
"""A signal is valid for so many times the usual distance to its deal: weekends are in it."""


def weigh(state: LiveState, entries: Sequence[Entry], decided: Published) -> pl.DataFrame:
    """Return what the account would hold after a decision: ``symbol``, ``weight``.

    Parameters
    ----------
    decided
        Taken for the decision of its time, whether it was told already or not.
    """
    from tasks.live.paper.account import targets
    from tasks.live.paper.published import all_scores
    from tasks.live.paper.timeliness import in_time

    before = [one for one in state.published(entries) if one.ts < decided.ts]
    rules, zone = state.spec.backtest, state.spec.data.zone
    punctual = in_time([*before, decided], state.bars, rules, state.spec.frequency, zone)
    return targets(state.bars, all_scores(punctual), state.spec, state.patterns)


def compose(
    state: LiveState,
    strategy: Strategy,
    decided: Published,
    *,
    ledger: str,
    mandate: Mandate,
    authority: Authority,
    sequence: int,
    kept_at: str,
    weights: pl.DataFrame,
    now: datetime,
) -> Signal:
    """Return the signal of a decision, not signed yet."""
    from tasks.live.paper.account import STEP

    wait = state.spec.backtest.trade_delay_bars * STEP[state.spec.frequency]
    return Signal(
        ledger=ledger,
        strategy=strategy.strategy,
        stage=strategy.stage,
        run_id=decided.run_id,
        sequence=sequence,
        ts=decided.ts,
        valid_until=decided.ts + PATIENCE * wait,
        published_at=now,
        targets=weights.rows(),
        absent=state.absent,
        mandate=mandate,
        digests=state.running(),
        kept_at=kept_at,
        authority=authority,
    )


def authority_of(
    state: LiveState, entries: Sequence[Entry], policy: Policy, strategy: Strategy, now: datetime
) -> Authority:
    """Return by whose word a strategy's signals leave.

    Raises
    ------
    Forbidden
        If it is live and may not publish.
    """
    if strategy.stage is Stage.LIVE:
        return authorise(entries, policy, strategy.strategy, state.running(), now)
    return granted(entries, strategy)


def is_other(decided: Published, newest: Published) -> bool:
    """Whether a run now decides otherwise than was told for the same time."""
    from tasks.live.paper.published import SCORES

    order = list(SCORES)
    return (
        not decided.scores.select(order)
        .sort("symbol")
        .equals(newest.scores.select(order).sort("symbol"))
    )
