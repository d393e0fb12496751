"""The evidence of a strategy as it is on hand: what its run submitted, and its paper account."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gate.evidence.assembling import assemble

if TYPE_CHECKING:
    from gate.checks.evidence import Evidence
    from gate.evidence.assembling import ReadsReturns
    from gate.strategies.strategies import Strategy
    from storage.lake.lake import Lake
    from storage.ledger import Ledger


def evidence_on_hand(
    strategy: Strategy, ledger: Ledger, lake: Lake, *, read: ReadsReturns | None = None
) -> Evidence:
    """Gather what the checks look at; see :func:`gate.evidence.assembling.assemble`."""
    found = assemble(ledger, lake, strategy.run_id, read=read)
    return replace(found, figures={**strategy.figures, **strategy.paper})
