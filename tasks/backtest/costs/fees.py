"""Fees: a part of the traded value, other for purchases than for sales, and no less than some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tasks.backtest.costs.charge import Charge

if TYPE_CHECKING:
    from taskspecs.schema import CostsSpec

KEYS: Final = frozenset({"open_bps", "close_bps", "min_fee"})


def charge(costs: CostsSpec) -> Charge:
    """Return commissions and taxes, as they are written in the spec."""
    return Charge(buy_fee_bps=costs.open_bps, sell_fee_bps=costs.close_bps, least_fee=costs.min_fee)
