"""Intake: messages to events; what is absurd is counted by reason, and stops nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, get_args

import msgspec

from tasks.streams.event import Candle, Event, Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tasks.streams.decoder import Decoder
    from tasks.streams.order.tally import Tally

MOST: Final = 1 << 53
"""Numbers beyond this, either side of zero, are no prices and no sizes: a float has no such one."""
FIRST_US: Final = 946_684_800_000_000
"""The year 2000: earlier times are no times of events."""
AHEAD_US: Final = 86_400_000_000
"""A day: times further ahead of their arrival are none."""
MOST_SYMBOLS: Final = 10_000
SYMBOL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-^=]{0,31}")
"""As `taskspecs.schema.Symbol`."""


class Asked(msgspec.Struct, frozen=True):
    """What the history was asked for, as far as it matters here."""

    symbol: str = ""


class Answer(msgspec.Struct, frozen=True):
    """The body of a record HISTORY, as far as it matters here."""

    asked: Asked = Asked()
    more: bool = False


KINDS: Final = {kind.__name__: kind for kind in get_args(Event)}
"""The kinds of events, by their names."""
_ANSWER: Final = msgspec.json.Decoder(Answer)


class Intake:
    """Decodes messages, and lets nothing through that the rest could not bear.

    Attributes
    ----------
    kind
        The class of the source's events, once one has come: a source has trades, or candles.
    symbols
        Those that have come.
    """

    def __init__(self, decoder: Decoder, tally: Tally) -> None:
        self.decoder = decoder
        self.kind: type | None = None
        self.symbols: set[str] = set()
        self._tally = tally

    def decode(self, body: bytes, arrival_us: int) -> list[Event]:
        """Return the events of a message."""
        return self._decode(self.decoder.decode, body, arrival_us)

    def decode_answer(self, body: bytes, arrival_us: int) -> tuple[list[Event], str | None]:
        """Return the events of an answer of the history, and the symbol of which it was all.

        None for the symbol: the answer says `more`, and that will come; "": of every symbol.
        """
        events = self._decode(self.decoder.answer, body, arrival_us)
        try:
            said = _ANSWER.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return events, ""
        return events, None if said.more else said.asked.symbol

    def freeze(self) -> dict[str, Any]:
        """Return the state as plain values."""
        kind = None if self.kind is None else self.kind.__name__
        return {"kind": kind, "symbols": sorted(self.symbols), "decoder": self.decoder.freeze()}

    def thaw(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        self.kind = KINDS.get(state["kind"])
        self.symbols = set(state["symbols"])
        self.decoder.thaw(state["decoder"])

    def _decode(
        self, read: Callable[[bytes, int], list[Event]], body: bytes, arrival_us: int
    ) -> list[Event]:
        try:
            events = read(body, arrival_us)
        except Malformed as error:
            self._tally.drops[error.reason] += 1
            return []
        except Exception:
            self._tally.drops["undecodable"] += 1
            return []
        return [event for event in events if self._is_sound(event, arrival_us)]

    def _is_sound(self, event: Event, arrival_us: int) -> bool:
        reason = _absurd(event, arrival_us)
        if reason is None and (type(event) is not self.kind or event.symbol not in self.symbols):
            reason = self._welcome(event)
        if reason is None:
            return True
        self._tally.drops[reason] += 1
        return False

    def _welcome(self, event: Event) -> str | None:
        """Take the first event of its kind or symbol, or say why not."""
        if self.kind is not None and type(event) is not self.kind:
            return "other_kind"
        if not SYMBOL.fullmatch(event.symbol):
            return "absurd_symbol"
        if len(self.symbols) >= MOST_SYMBOLS and event.symbol not in self.symbols:
            return "too_many_symbols"
        self.kind = type(event)
        self.symbols.add(event.symbol)
        return None


def _absurd(event: Event, arrival_us: int) -> str | None:
    """Say in a word what an event cannot be; None of one that can."""
    if not FIRST_US <= event.ts_us <= arrival_us + AHEAD_US:
        return "absurd_time"
    if not -MOST < event.sequence < MOST:
        return "absurd_sequence"
    if isinstance(event, Candle):
        return None if _is_candle(event) else "absurd_number"
    if -MOST < event.price < MOST and 0 <= event.size < MOST:
        return None
    return "absurd_number"


def _is_candle(event: Candle) -> bool:
    prices = event.open, event.high, event.low, event.close
    return (
        all(-MOST < price < MOST for price in prices)
        and event.low <= min(prices)
        and event.high >= max(prices)
        and 0 <= event.volume < MOST
        and -1 <= event.amount < MOST
    )
