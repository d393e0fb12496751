"""All checks, by the names under which a policy asks for them: the only list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.checks.submitted import BARS, COSTS, DRAWDOWN, HEALTH, LEAK

if TYPE_CHECKING:
    from gate.checks.check import Check

CHECKS: dict[str, Check] = {check.name: check for check in (LEAK, HEALTH, COSTS, BARS, DRAWDOWN)}
