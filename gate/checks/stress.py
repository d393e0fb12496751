"""Whether the return survives dearer trading, and filling a bar later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.checks.check import Check, Measured

if TYPE_CHECKING:
    from collections.abc import Callable

    from gate.checks.evidence import Evidence


def _sharpe_under(scenario: str) -> Callable[[Evidence], Measured]:
    def measure(evidence: Evidence) -> Measured:
        rows = [row for row in evidence.stress if row["scenario"] == scenario]
        if not rows:
            return Measured(None, f"the run has no scenario `{scenario}`")
        return Measured(rows[0]["sharpe"], str(rows[0]["meaning"]))

    return measure


COST_STRESS = Check(
    "cost_stress", "something is left when trading costs twice as much", "Sharpe ratio a year",
    "at least", _sharpe_under("costs_x2"), "trade less, or for more",
)  # fmt: skip
DELAY_STRESS = Check(
    "delay_stress", "something is left when every order is filled one bar later",
    "Sharpe ratio a year", "at least", _sharpe_under("one_bar_later"),
    "a signal that is worth less the next bar needs faster execution than is modelled",
)  # fmt: skip
