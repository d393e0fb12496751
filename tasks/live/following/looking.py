"""A look at the account of a strategy that is followed; nothing is published or written."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gate.signals.told import told_signals
from gate.strategies.strategies import PAPER_KIND
from tasks.dag.session import forget, session_of
from tasks.live.following.live_state import LiveState
from tasks.live.paper.page import PaperView

if TYPE_CHECKING:
    from gate.strategies.strategies import Strategy
    from storage.ledger import Ledger
    from tasks.dag.session import Session


def look_at_account(workspace: str, ledger: Ledger, strategy: Strategy, now: datetime) -> PaperView:
    """Follow a strategy's published signals up to its newest run.

    Parameters
    ----------
    workspace
        The folder.
    strategy
        One that is at paper or live.
    now
        UTC.

    Raises
    ------
    Damaged
        If a published signal is not the one that the ledger names.
    """
    session = session_of(workspace, _newest_run(ledger, strategy))
    try:
        return _look(session, ledger, strategy, now)
    finally:
        forget(session)


def _newest_run(ledger: Ledger, strategy: Strategy) -> str:
    """Return the last run that followed it, or the one that proposed it."""
    followed = [
        entry.body["run_id"]
        for entry in ledger.entries(PAPER_KIND)
        if entry.body.get("strategy") == strategy.strategy
    ]
    return str(followed[-1]) if followed else strategy.run_id


def _look(session: Session, ledger: Ledger, strategy: Strategy, now: datetime) -> PaperView:
    from tasks.live.paper.account import targets
    from tasks.live.paper.divergence import follow
    from tasks.live.paper.published import all_scores
    from tasks.live.paper.timeliness import in_time

    entries = ledger.entries()
    state = LiveState(session, strategy, now)
    published = state.published(entries)
    followed = follow(
        published, state.bars, state.scores, state.spec,
        code=session.plan.code_digest, patterns=state.patterns,
    )  # fmt: skip
    rules = state.spec.backtest
    punctual = in_time(published, state.bars, rules, state.spec.frequency, state.spec.data.zone)
    wanted = targets(state.bars, all_scores(punctual), state.spec, state.patterns)
    return PaperView(
        strategy=strategy.strategy,
        stage=str(strategy.stage),
        since=state.since,
        account=followed.account,
        wanted=wanted,
        figures={**dict(strategy.paper), **followed.figures()},
        signals=[
            (datetime.fromisoformat(entry.body["ts"]), datetime.fromisoformat(entry.at))
            for entry in told_signals(entries, strategy.strategy, strategy.running_since)
        ],
    )
