"""Checks of figures that the run itself submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.checks.check import Check, Measured, given

if TYPE_CHECKING:
    from collections.abc import Callable

    from gate.checks.evidence import Evidence


def _submitted(name: str) -> Callable[[Evidence], Measured]:
    def measure(evidence: Evidence) -> Measured:
        return given(evidence.figures, name, f"the run submitted no figure `{name}`")

    return measure


LEAK = Check(
    "leak", "no look-ahead was found", "yes or no", "at least", _submitted("leak_clean"),
    "the report's leak check names the feature and the time; mend it and run again",
)  # fmt: skip
HEALTH = Check(
    "data_health", "no row of the data was refused", "rows", "at most",
    _submitted("health_refused"),
    "`qraft data check FILE` names the rows; mend the source and run again",
)  # fmt: skip
COSTS = Check(
    "costs", "the backtest pays to trade", "bps a round trip", "at least",
    _submitted("cost_bps_round_trip"), "write the costs that you would pay in `backtest.costs`",
)  # fmt: skip
BARS = Check(
    "bars", "the backtest is long enough to mean something", "bars", "at least",
    _submitted("bars"), "take a longer period",
)  # fmt: skip
DRAWDOWN = Check(
    "drawdown", "the worst loss from a peak can be borne", "of the peak", "at least",
    _submitted("max_drawdown"), "hold less, or spread it over more symbols",
)  # fmt: skip
