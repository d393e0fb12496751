"""All models of costs; an order is charged by each of them."""

from __future__ import annotations

from typing import Final

from tasks.backtest.costs import fees, slippage
from tasks.backtest.costs.charge import CostModel

MODELS: Final = (
    CostModel(fees.KEYS, fees.charge),
    CostModel(slippage.KEYS, slippage.charge),
)

KEYS: Final = frozenset[str]().union(*(model.keys for model in MODELS))
"""Keys of ``backtest.costs`` that some model reads; any other is charged by nobody."""
