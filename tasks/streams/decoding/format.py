"""A format by its name: who reads its messages, how symbols are written, how exact numbers are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.streams.event import Scales

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.streams.decoding.history import History
    from tasks.streams.decoding.port import Decoder

EXACT = Scales(price_decimals=8, size_decimals=8, amount_decimals=4)
"""Enough for spot markets in coins and dollars: prices and sizes up to 92 thousand millions."""


def joined(separator: str) -> Callable[[str], str]:
    """Return what writes our `BTC-USDT` with another separator.

    Examples
    --------
    >>> joined("")("BTC-USDT"), joined("/")("BTC-USD")
    ('BTCUSDT', 'BTC/USD')
    """

    def write(ours: str) -> str:
        return ours.replace("-", separator)

    return write


@dataclass(frozen=True, slots=True)
class Format:
    """A named format.

    Attributes
    ----------
    name
        What a SourceSpec calls it.
    about
        What it reads.
    decoder
        Who reads its messages.
    history
        Whose answers fill its gaps; none where the exchange keeps nothing of the kind.
    of_candles
        Whether its events are candles.
    written
        From our name of a symbol to the exchange's.
    scales
        Digits behind the point, where a document says nothing else.
    """

    name: str
    about: str
    decoder: type[Decoder]
    history: type[History] | None
    written: Callable[[str], str]
    of_candles: bool = False
    scales: Scales = EXACT
