"""The formats by name; one exchange a file, and its line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tasks.streams.decoding.formats import (
    binance,
    binance_depth,
    bybit,
    coinbase,
    kraken,
    okx,
)

if TYPE_CHECKING:
    from tasks.streams.decoding.format import Format
    from tasks.streams.decoding.history import History

EXCHANGES: Final = (binance, binance_depth, coinbase, kraken, okx, bybit)

FORMATS: Final[dict[str, Format]] = {
    each.name: each for module in EXCHANGES for each in module.FORMATS
}
HISTORIES: Final[dict[str, type[History]]] = {
    each.history.name: each.history for each in FORMATS.values() if each.history is not None
}
