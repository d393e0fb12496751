"""What the gate can tell of a strategy, as plain values for a table or a program. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gate.deciding.promotion import unmet
from gate.policy import Check, Policy, check
from gate.stages import PROMOTION, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gate.strategies import Strategy
    from storage.ledger import Entry

NEXT: dict[Stage, Stage] = {before: after for after, before in PROMOTION.items()}
"""Where a strategy may go from where it stands."""

Account = dict[str, Any]


def summarise(strategy: Strategy, policy: Policy) -> Account:
    """Tell where a strategy stands and how the next step's rules judge its evidence."""
    following = NEXT.get(strategy.stage)
    checks = _checks(strategy, policy)
    return {
        "strategy": strategy.strategy,
        "stage": str(strategy.stage),
        "next_stage": str(following) if following else None,
        "proposed": strategy.proposed,
        "run_id": strategy.run_id,
        "proposals": strategy.proposals,
        "trials_in_family": strategy.trials_in_family,
        "checks": [asdict(verdict) for verdict in checks],
        "approvals_needed": policy.step(following).approvals if following else 0,
    }


def tell(strategy: Strategy, policy: Policy, entries: Iterable[Entry]) -> Account:
    """Tell the whole story: evidence, rules, what is missing, and the ledger's entries."""
    account = summarise(strategy, policy)
    missing = unmet(_checks(strategy, policy), approvals=account["approvals_needed"])
    return {
        **account,
        "evidence": dict(strategy.evidence),
        "missing": missing if account["next_stage"] else [],
        "ledger": [note(entry) for entry in entries if _concerns(entry, strategy)],
    }


def note(entry: Entry) -> Account:
    """Tell one entry of the ledger."""
    body = entry.body
    return {
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "about": _about(body),
        "body": dict(body),
        "hash": entry.hash,
    }


def _about(body: Mapping[str, Any]) -> str:
    subject = str(body.get("strategy") or body.get("run_id") or "")
    if "verdict" in body and "to" in body:
        return f"{subject}, to {body['to']}: {body['verdict']}"
    return subject


def _checks(strategy: Strategy, policy: Policy) -> tuple[Check, ...]:
    following = NEXT.get(strategy.stage)
    return check(policy.step(following), strategy.figures) if following else ()


def _concerns(entry: Entry, strategy: Strategy) -> bool:
    return entry.body.get("strategy") == strategy.strategy
