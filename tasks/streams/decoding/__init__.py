"""From the bytes of a message to trades, candles and quotes: pure, exact, and never surprised."""

from tasks.streams.decoding.making import known, make

__all__ = ["known", "make"]
