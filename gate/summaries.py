"""What the gate can tell of a strategy, as plain values for a table or a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from configs.errors import QraftError
from configs.keys.signers.table import signer_of
from gate.approval.approvals import KIND as APPROVAL
from gate.approval.approvals import read_approval, why_void
from gate.approval.clock import latest
from gate.policy.stages import Stage, step_after
from gate.policy.watch import describe
from gate.statements.checking import misstatement
from gate.strategies.missing import missing_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from gate.checks.check import Verdict
    from gate.context import DecisionContext
    from gate.policy.policy import Policy
    from gate.strategies.strategies import Standing, Strategy
    from storage.ledger import Entry

    Judge = Callable[[Strategy, Stage], Sequence[Verdict]]

Account = dict[str, Any]


def summarise(strategy: Strategy, desk: DecisionContext) -> Account:
    """Tell where a strategy stands and how the next step's checks judge its evidence."""
    entries = desk.ledger.entries()
    told = summary_of(strategy, desk.policy, entries, desk.clock(), judge=desk.judge)
    gone, untold = _gone(desk, strategy)
    checks = [{key: value for key, value in each.items() if value != ""} for each in told["checks"]]
    return {**told, "checks": checks, "trouble": told["trouble"] or untold, "gone": gone}


def summary_of(
    strategy: Strategy, policy: Policy, entries: Sequence[Entry], now: datetime, *, judge: Judge
) -> Account:
    """Tell where a strategy stands under a policy; its evidence is looked at, its files are not.

    Parameters
    ----------
    now
        The time, UTC; never taken to be before the ledger's.
    judge
        Holds a strategy's evidence against the step to a stage.
    """
    following = step_after(strategy.stage)
    checks, trouble = _judged(strategy, following, judge)
    return {
        "strategy": strategy.strategy,
        "stage": str(strategy.stage),
        "next_stage": str(following) if following else None,
        "proposed": strategy.proposed,
        "run_id": strategy.run_id,
        "proposals": strategy.proposals,
        "trials_in_family": strategy.trials_in_family,
        "checks": [asdict(verdict) for verdict in checks],
        "trouble": trouble,
        "approvals_needed": policy.step(following).approvals if following else 0,
        "approvals": _approvals(strategy, policy, entries, latest(entries, now)),
    }


def _judged(strategy: Strategy, to: Stage | None, judge: Judge) -> tuple[Sequence[Verdict], str]:
    """Judge a strategy's evidence; where that cannot be read, say so: the others are shown."""
    if to is None:
        return (), ""
    try:
        return judge(strategy, to), ""
    except QraftError as error:
        return (), f"its evidence cannot be judged: {error.what}"


def _gone(desk: DecisionContext, strategy: Strategy) -> tuple[list[str], str]:
    """Say which files of its evidence are gone: that is shown, and stops nothing."""
    try:
        return list(desk.gone(strategy)), ""
    except QraftError as error:
        return [], f"its evidence cannot be looked for: {error.what}"


def examine(strategy: Strategy, standing: Standing, desk: DecisionContext) -> Account:
    """Tell also what would have to be true for the next step."""
    account = summarise(strategy, desk)
    following = step_after(strategy.stage)
    entries = desk.ledger.entries()
    if following is None:
        return {**account, "missing": []}
    if account["trouble"]:
        return {**account, "missing": [account["trouble"]]}
    verdicts = desk.judge(strategy, following)
    missing = missing_for(desk, standing, strategy, following, entries, verdicts=verdicts)
    return {**account, "missing": missing}


def tell(strategy: Strategy, standing: Standing, desk: DecisionContext) -> Account:
    """Tell the whole story: evidence, checks, what is missing, and the ledger's entries."""
    watched = describe(desk.policy.watch) if strategy.stage in {Stage.PAPER, Stage.LIVE} else []
    return {
        **examine(strategy, standing, desk),
        "entered": strategy.entered,
        "evidence": dict(strategy.evidence),
        "digests": strategy.digests.document(),
        "paper": dict(strategy.paper),
        "watched": watched,
        "not_believed": [{"seq": seq, "why": why} for seq, why in strategy.unfounded],
        "ledger": [note(entry) for entry in desk.ledger.entries() if _concerns(entry, strategy)],
    }


def statements(entries: Sequence[Entry], strategy: str | None = None) -> list[Account]:
    """Tell what each person was shown as they approved, and whether the ledger says the same.

    Parameters
    ----------
    strategy
        Only its approvals; default all.
    """
    given = [
        approval
        for entry in entries
        if entry.kind == APPROVAL
        and strategy in {None, entry.body["strategy"]}
        and (approval := read_approval(entry)) is not None
    ]
    return [
        {
            "entry": one.seq, "strategy": one.statement.strategy, "to": one.statement.to,
            "by": one.by, "at": one.at, "signed": kind_of(one.key, one.signature),
            "text": one.text, "fault": misstatement(one, entries, read_approval),
        }
        for one in given
    ]  # fmt: skip


def kind_of(key: str, signature: str) -> str:
    """Say by what kind of key an approval was signed; empty where it was not."""
    return signer_of(key).name if key and signature else ""


def note(entry: Entry, void: str = "") -> Account:
    """Tell one entry of the ledger.

    Parameters
    ----------
    void
        Why it counts for nothing; empty where it counts.
    """
    body = entry.body
    return {
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "about": f"counts for nothing: {void}" if void else _about(body),
        "void": void,
        "body": dict(body),
        "hash": entry.hash,
    }


def _about(body: Mapping[str, Any]) -> str:
    names = ("strategy", "run_id", "person", "name", "by")
    subject = next((str(body[name]) for name in names if body.get(name)), "")
    if "to" not in body:
        return subject
    return f"{subject}, to {body['to']}" + (f": {body['verdict']}" if "verdict" in body else "")


def _approvals(
    strategy: Strategy, policy: Policy, entries: Sequence[Entry], now: datetime
) -> list[Account]:
    """Tell of each approval since the last move whether it counts."""
    to = Stage.LIVE if strategy.stage is Stage.LIVE else step_after(strategy.stage)
    if to is None:
        return []
    ground = strategy.ground(to, policy, entries, now)
    return [
        {
            "by": approval.by,
            "at": approval.at,
            "expires": approval.statement.expires,
            "signed": bool(approval.signature),
            "void": why_void(approval, ground),
            "reason": approval.statement.reason,
        }
        for approval in strategy.approvals
        if approval.statement.to == str(to)
    ]


def _concerns(entry: Entry, strategy: Strategy) -> bool:
    return entry.body.get("strategy") in {strategy.strategy, "*"}
