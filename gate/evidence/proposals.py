"""Proposals: a finished run asks to be considered; asking decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from configs.endpoints.account import account_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.ledger import Ledger

KIND = "proposal"


def propose(
    ledger: Ledger,
    *,
    strategy: str,
    run_id: str,
    evidence: Mapping[str, Any],
    road: str,
    proposer: str | None = None,
) -> bool:
    """Submit a strategy at stage dryrun; the same evidence is submitted once.

    Parameters
    ----------
    evidence
        What the policy will look at: figures, verdicts, and the key of the report that shows them.
    proposer
        The account that proposes; default the one that this process runs under. Where the policy
        wants somebody else to approve, it is compared with the approver's name.

    Returns
    -------
    bool
        Whether this is a new proposal.
    """
    body = {
        "strategy": strategy, "run_id": run_id, "stage": "dryrun", "evidence": dict(evidence),
        "proposer": proposer if proposer is not None else account_name(),
    }  # fmt: skip
    entry = ledger.append(
        KIND,
        body,
        actor=road,
        unless=lambda entries: any(e.kind == KIND and _same(e.body, body) for e in entries),
    )
    return entry is not None


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two proposals are of the same evidence, whoever made them."""
    names = ("strategy", "run_id", "evidence")
    return all(one.get(name) == other.get(name) for name in names)
