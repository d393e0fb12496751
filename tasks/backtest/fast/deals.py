"""What an order comes to: lots, fees, and what the cash allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.features.kernels.compiling import compiled

if TYPE_CHECKING:
    from tasks.backtest.fast.quotes import Rules

UNBOOKED = 1e-5
"""Deals of no more value than this are not booked by qlib."""


@compiled
def in_lots(amount: float, factor: float, unit: int) -> float:
    """Round an adjusted amount down to whole lots of traded shares; qlib adds a tenth first."""
    return (amount * factor + 0.1) // unit * unit / factor


@compiled
def fee_of(value: float, rate: float, min_fee: float) -> float:
    """Return the fee of a deal of this value."""
    return max(value * rate, min_fee)


@compiled
def affordable(cash: float, price: float, rate: float, min_fee: float) -> float:
    """Return the amount that the cash buys, with its fee."""
    if cash < min_fee:
        return 0.0
    if rate == 0.0 or cash < min_fee / rate + min_fee:
        return (cash - min_fee) / price
    return cash / (1 + rate) / price


@compiled
def bought_amount(wanted: float, cash: float, price: float, factor: float, rules: Rules) -> float:
    """Return the amount that is bought of what is wanted; 0 where the cash covers no fee."""
    value = wanted * price
    fee = fee_of(value, rules.open_cost, rules.min_fee)
    if cash < fee:
        return 0.0
    if cash < value + fee:
        wanted = min(affordable(cash, price, rules.open_cost, rules.min_fee), wanted)
    return in_lots(wanted, factor, rules.trade_unit)
