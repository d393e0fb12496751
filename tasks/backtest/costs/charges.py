"""What orders are charged by all models together: the one place where both engines ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasks.backtest.costs.charge import Charge
from tasks.backtest.costs.table import MODELS

if TYPE_CHECKING:
    from tasks.backtest.costs.charge import Floats
    from tasks.backtest.market.market import Market
    from taskspecs.schema import CostsSpec

BPS = 10_000


class Prices(NamedTuple):
    """What one pays and what one receives, a step a row, a symbol a column; NaN without a price."""

    buy: Floats
    sell: Floats


def charge_of(costs: CostsSpec) -> Charge:
    """Return what every order is charged, on whatever bar.

    Examples
    --------
    >>> from taskspecs.schema import CostsSpec
    >>> charge_of(CostsSpec(open_bps=5, close_bps=15, min_fee=0, slippage_bps=2))
    Charge(buy_fee_bps=5.0, sell_fee_bps=15.0, least_fee=0.0, price_bps=2.0)
    """
    return sum((model.charge(costs) for model in MODELS), Charge())


def round_trip_bps(costs: CostsSpec) -> float:
    """Return what a purchase and its sale cost in basis points, but for what hangs on the market.

    Examples
    --------
    >>> from taskspecs.schema import CostsSpec
    >>> round_trip_bps(CostsSpec(open_bps=5, close_bps=15, slippage_bps=2))
    24.0
    """
    charge = charge_of(costs)
    return charge.buy_fee_bps + charge.sell_fee_bps + 2 * charge.price_bps


def price_bps(costs: CostsSpec, market: Market) -> Floats | float:
    """Return by how much prices are worse than the bars'.

    Parameters
    ----------
    costs
        Those of the study.
    market
        Steps and symbols that are traded.

    Returns
    -------
    float or numpy.ndarray
        Basis points; of shape (steps, symbols) where they differ.

    Notes
    -----
    Look-ahead: what a step costs depends on its own bar, and on what was known before.
    """
    worse: Floats | float = charge_of(costs).price_bps
    for model in MODELS:
        if model.price_bps is not None:
            worse = worse + model.price_bps(costs, market)
    return worse


def deal_prices(costs: CostsSpec, market: Market) -> Prices:
    """Return the prices at which orders are filled.

    Notes
    -----
    Look-ahead: those of a step depend on its own bar, and on what was known before.
    """
    part = price_bps(costs, market) / BPS
    return Prices(market.deal * (1 + part), market.deal * (1 - part))
