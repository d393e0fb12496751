"""All checks, by the names under which a policy asks for them: the only list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.checks.calibration import CALIBRATION
from gate.checks.holdout import CONTAMINATION, HOLDOUT
from gate.checks.luck import DEFLATED, OVERFITTED, PROBABILISTIC, RECORD, SUPERIOR
from gate.checks.paper import PAPER_BARS, PAPER_DIVERGENCE, PAPER_DRAWDOWN
from gate.checks.stress import COST_STRESS, DELAY_STRESS
from gate.checks.submitted import BARS, COSTS, DRAWDOWN, HEALTH, LEAK

if TYPE_CHECKING:
    from gate.checks.check import Check

CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        LEAK, HEALTH, COSTS, BARS, DRAWDOWN,
        COST_STRESS, DELAY_STRESS, CALIBRATION,
        PROBABILISTIC, RECORD, DEFLATED, SUPERIOR, OVERFITTED,
        HOLDOUT, CONTAMINATION,
        PAPER_BARS, PAPER_DIVERGENCE, PAPER_DRAWDOWN,
    )
}  # fmt: skip
