"""The evidence of a strategy as it is on hand: what its run submitted, and its paper account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.checks.evidence import Evidence

if TYPE_CHECKING:
    from gate.strategies import Strategy


def evidence_on_hand(strategy: Strategy) -> Evidence:
    """Gather what the checks look at."""
    return Evidence(
        strategy.strategy,
        strategy.run_id,
        strategy.digests,
        figures={**strategy.figures, **strategy.paper},
    )
