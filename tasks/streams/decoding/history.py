"""What a history is asked, and how its answers are read; who asks is `tasks.sources.history`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tasks.streams.decoding.port import Decoder
    from tasks.streams.event import Event

What = Literal["candles", "trades"]


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for: candles of a time, or trades of a stretch of sequence numbers.

    Attributes
    ----------
    symbol
        Our name.
    every_us
        Of candles: how long one is, in microseconds.
    start_us, end_us
        Microseconds since 1970, UTC; candles begin in it, the end excluded.
    first, last
        Of trades: the sequence numbers, both included.
    """

    symbol: str
    what: What = "candles"
    every_us: int = 60_000_000
    start_us: int = 0
    end_us: int = 0
    first: int = 0
    last: int = 0

    def after(self, start_us: int) -> Ask | None:
        """Return what is left from a time on; none if nothing is."""
        if start_us >= self.end_us:
            return None
        return msgspec.structs.replace(self, start_us=start_us)

    def beyond(self, number: int) -> Ask | None:
        """Return what is left behind a number; none if nothing is."""
        if number >= self.last or number < self.first:
            return None
        return msgspec.structs.replace(self, first=number + 1)

    def before(self, number: int) -> Ask | None:
        """Return what is left before a number; none if nothing is."""
        if number <= self.first or number > self.last:
            return None
        return msgspec.structs.replace(self, last=number - 1)

    def holds(self, event: Event, arrival_us: int) -> bool:
        """Whether an event is one that was asked for, and is over."""
        if self.what == "trades":
            return self.first <= event.sequence <= self.last
        return self.start_us < event.ts_us <= min(self.end_us, arrival_us)


class Request(NamedTuple):
    """One request: what follows the host, and what stands behind the `?`."""

    path: str
    params: Mapping[str, str]


class Page(NamedTuple):
    """What one answer brought, in the order of time, and what is still to be asked."""

    events: Sequence[Event]
    left: Ask | None


class History:
    """The history of one exchange: pure; it writes requests and reads answers.

    Attributes
    ----------
    name
        What a SourceSpec calls it.
    url
        The place that is asked where a document names no other.
    every
        The candles there are: microseconds of one to the exchange's word for it.
    page
        Candles in an answer, at most.
    trades
        Whether trades are found by their sequence numbers.
    pause_s
        Seconds between two requests that keep well below the exchange's limits.
    about
        What its owner says of its limits, and what a reader has to know.
    """

    name: ClassVar[str]
    url: ClassVar[str]
    every: ClassVar[Mapping[int, str]]
    page: ClassVar[int] = 1_000
    trades: ClassVar[bool] = False
    pause_s: ClassVar[float] = 0.2
    about: ClassVar[str] = ""

    def request(self, ask: Ask, theirs: str) -> Request:
        """Write the request for the next answer; `theirs` is the exchange's name of the symbol."""
        raise NotImplementedError

    def read(self, ask: Ask, body: bytes, arrival_us: int, decoder: Decoder) -> Page:
        """Read the answer to :meth:`request`.

        Raises
        ------
        Malformed
            If it is none; `error` where the exchange says why it refuses.
        """
        raise NotImplementedError

    def page_of(self, ask: Ask, body: bytes, arrival_us: int, decoder: Decoder) -> Page:
        """Read an answer, and keep what was asked for and is over; raises as :meth:`read`."""
        page = self.read(ask, body, arrival_us, decoder)
        held = {(each.ts_us, each.sequence): each for each in page.events}
        events = [each for each in held.values() if ask.holds(each, arrival_us)]
        return Page(events, page.left)

    def window(self, ask: Ask) -> tuple[int, int]:
        """Return the times of the candles in the next answer: as many as one may hold."""
        return ask.start_us, min(ask.end_us, ask.start_us + self.page * ask.every_us)


SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
