"""The fields that an expression may name, by where it stands."""

from __future__ import annotations

BAR_FIELDS = frozenset({"open", "high", "low", "close", "volume", "factor", "amount", "vwap"})
"""Fields of a bar; prices and volume are adjusted, ``close / factor`` is the traded price."""

MARKET_FIELDS = frozenset({"equal_weight_return", "breadth", "dispersion", "average_correlation"})
"""Series of the whole market, one value for each time."""
