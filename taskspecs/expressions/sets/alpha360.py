"""Alpha360: sixty days of price and volume over today's, as qlib's `Alpha360DL` defines them.

It reads open, high, low, close, volume and vwap.
"""

from __future__ import annotations

from typing import Final

DAYS: Final = 60
_SCALE: Final = {
    "close": "$close",
    "open": "$close",
    "high": "$close",
    "low": "$close",
    "vwap": "$close",
    "volume": "($volume+1e-12)",
}


def expressions() -> dict[str, str]:
    """Write the set out, in qlib's order: the oldest day first."""
    return {
        f"{field.upper()}{day}": f"Ref(${field}, {day})/{scale}" if day else f"${field}/{scale}"
        for field, scale in _SCALE.items()
        for day in range(DAYS - 1, -1, -1)
    }
