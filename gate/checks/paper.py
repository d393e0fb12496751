"""Checks of how a strategy fared on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.checks.check import Check, Measured, given

if TYPE_CHECKING:
    from collections.abc import Callable

    from gate.checks.evidence import Evidence


def _followed(name: str) -> Callable[[Evidence], Measured]:
    def measure(evidence: Evidence) -> Measured:
        return given(evidence.figures, name, "it was not followed on paper yet")

    return measure


PAPER_BARS = Check(
    "paper_bars", "it was followed on paper for long enough", "bars", "at least",
    _followed("paper_bars"),
    "run it on every new bar while it is at paper",
)  # fmt: skip
PAPER_DIVERGENCE = Check(
    "paper_divergence", "its paper account did as the backtest says", "of the account", "at most",
    _followed("divergence"),
    "`qraft gate show` attributes it to data, signal, timing and fills; mend the largest",
)  # fmt: skip
PAPER_DRAWDOWN = Check(
    "paper_drawdown", "its paper account did not fall too far", "of the peak", "at most",
    _followed("drawdown"),
    "hold less, or wait",
)  # fmt: skip
