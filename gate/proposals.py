"""Proposals: a finished run asks to be considered; asking decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.ledger import Ledger

KIND = "proposal"


def propose(
    ledger: Ledger, *, strategy: str, run_id: str, evidence: Mapping[str, Any], road: str
) -> bool:
    """Submit a strategy at stage dryrun; the same evidence is submitted once.

    Parameters
    ----------
    evidence
        What the policy will look at: figures, verdicts, and the key of the report that shows them.

    Returns
    -------
    bool
        Whether this is a new proposal.
    """
    body = {"strategy": strategy, "run_id": run_id, "stage": "dryrun", "evidence": dict(evidence)}
    entry = ledger.append(
        KIND,
        body,
        actor=road,
        unless=lambda entries: any(e.kind == KIND and e.body == body for e in entries),
    )
    return entry is not None
