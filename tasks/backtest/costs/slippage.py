"""Slippage: one pays more than the bar's price, and receives less, by the same part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tasks.backtest.costs.charge import Charge

if TYPE_CHECKING:
    from taskspecs.schema import CostsSpec

KEYS: Final = frozenset({"slippage_bps"})


def charge(costs: CostsSpec) -> Charge:
    """Return the slippage that is written in the spec."""
    return Charge(price_bps=costs.slippage_bps)
