"""Order: events in the order of their numbers or times, and up to when they are complete."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tasks.streams.event import from_plain, to_plain
from tasks.streams.order.by_sequence import BySequence
from tasks.streams.order.gaps import NEVER, Gap, Want

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.streams.event import Event
    from tasks.streams.order.tally import Tally
    from taskspecs.sources.flow import OrderSpec

MOST_HELD: Final = 200_000
"""Events that are held back at most; then the older half goes on, whatever it waited for."""

SECOND_US: Final = 1_000_000

_FIELDS: Final = (
    "watermark", "newest", "now", "last", "newest_arrival", "line_since", "line_until", "count",
)  # fmt: skip


class Ordering:
    """Puts events in order.

    *Watermark.* Up to it, events are complete: it is the newest event's time less `lateness_ms`.
    What comes with a time that is not after it is late: counted, and in no bar. An event that is
    ahead of its arrival by more than `clock_skew_ms` moves it no further than that. While nothing
    comes, ticks move it by the time that passes here, less the skew; only those of a source whose
    events are of the present (`clocked`).

    *With a `step`*, events of a symbol go on in the order of their sequence numbers, each as soon
    as all before it are there. A number that does not come is waited for until the watermark is
    past the event behind it; so are a symbol's first events. What is missing for `gap.wait_ms` is
    told; with `fill: history` the watermark then stands until the history has answered, or for
    `gap.patience_ms`.

    *Without*, events go on as the watermark passes them, in the order of time, symbol, sequence
    number and content. Of several with the same symbol, time and number, one goes on.

    No clock is read: times are those of events and of records.

    Parameters
    ----------
    spec
        The section `order`.
    tally
        What is counted and told.
    clocked
        Whether ticks count.
    """

    def __init__(self, spec: OrderSpec, tally: Tally, *, clocked: bool) -> None:
        self.watermark = NEVER
        self.newest = NEVER
        self.released: list[Event] = []
        self.count = 0
        self.crossings: list[tuple[int, int]] = []
        self.now = 0
        self.heap: list[tuple[int, str, int, tuple[int, ...], int, Event]] = []
        self.last: dict[str, tuple[int, int]] = {}
        self.newest_arrival = 0
        self.counter = 0
        self.line_since: int | None = None
        self.line_until = 0
        self.sequences = BySequence(spec, tally, self._release)
        self._tally = tally
        self.adopt(spec, clocked=clocked)

    def adopt(self, spec: OrderSpec, *, clocked: bool) -> None:
        """Follow other settings from here on."""
        self._by_sequence = spec.step is not None
        self._lateness = spec.lateness_ms * 1_000
        self._skew = spec.clock_skew_ms * 1_000
        self._patience = spec.gap.patience_ms * 1_000
        self._fills = spec.gap.fill == "history"
        self._clocked = clocked
        self.sequences.adopt(spec)

    def take_released(self) -> list[Event]:
        """Return the events that may go on, in order, and have none."""
        taken, self.released = self.released, []
        self.count += len(taken)
        return taken

    def take_crossings(self) -> list[tuple[int, int]]:
        """Return where the watermark came to another second, and after how many events."""
        taken, self.crossings = self.crossings, []
        return taken

    def _release(self, event: Event) -> None:
        self.released.append(event)

    def take(self, event: Event) -> None:
        """Take one event; what may go on is in `released`, in order."""
        ts = event.ts_us
        if self._by_sequence and event.sequence >= 0:
            self.sequences.take(event, self.watermark, self.now)
        elif ts <= self.watermark:
            self._tally.late += 1
        else:
            self._push(event)
        if ts > self.newest:
            self._take_newest(ts)
        if self.sequences.held + len(self.heap) > MOST_HELD:
            self._relieve()

    def _take_newest(self, ts: int) -> None:
        ahead = self.now + self._skew
        if ts > ahead:
            self._tally.notes["clock_ahead"] += 1
            if ahead <= self.newest:
                return
            ts = ahead
        self.newest, self.newest_arrival = ts, self.now
        self._advance(ts - self._lateness - 1)

    def begin(self, arrival_us: int, *, tick: bool = False) -> None:
        """Take a record's time, before what it brings."""
        self.now = arrival_us
        if arrival_us >= self.sequences.due:
            self.sequences.heed(arrival_us)
            self._go_on()
        if self.line_until and arrival_us >= self.line_until:
            self.line_until = 0
            self._go_on()
        if tick and self._clocked and self.newest != NEVER:
            passed = arrival_us - self.newest_arrival - self._skew
            if passed > 0:
                self._advance(self.newest + passed - self._lateness - 1)

    def lose_line(self) -> None:
        """Note that the line is lost."""
        if self.line_since is None and self.newest != NEVER:
            self.line_since = self.newest

    def regain_line(self) -> None:
        """Tell what may be missing, and ask for it."""
        since, self.line_since = self.line_since, None
        if since is None:
            return
        until = max(since, self.now)
        self._tally.gaps.append(Gap("", -1, -1, since, until, "line", self.now))
        if self._fills:
            self._tally.wants.append(Want("", -1, -1, since, until))
            self.line_until = self.now + self._patience

    def heed_answer(self, symbol: str) -> None:
        """Take that the history has said what it knows; "" is of every symbol."""
        self.sequences.answered(symbol)
        if symbol == "":
            self.line_until = 0
        self._go_on()

    def finish(self) -> None:
        """Let go on all that is held: nothing comes any more."""
        self.sequences.answered("")
        self.line_until = 0
        self._advance(max([self.newest, self.watermark, *(entry[0] for entry in self.heap)]))

    def freeze(self) -> dict[str, Any]:
        """Return the state as plain values; to be taken where nothing is released."""
        held = [to_plain(event) for *_, event in sorted(self.heap)]
        own = {name: getattr(self, name) for name in _FIELDS}
        return own | {"heap": held, "sequences": self.sequences.freeze()}

    def thaw(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        for name in _FIELDS:
            setattr(self, name, state[name])
        self.last = {name: (ts, number) for name, (ts, number) in self.last.items()}
        for plain in state["heap"]:
            self._push(from_plain(plain))
        self.sequences.thaw(state["sequences"])

    def _push(self, event: Event) -> None:
        self.counter += 1
        content = msgspec.structs.astuple(event)[3:]
        place = (event.ts_us, event.symbol, event.sequence, content, self.counter, event)
        heappush(self.heap, place)

    def _go_on(self) -> None:
        if self.newest != NEVER:
            self._advance(self.newest - self._lateness - 1)

    def _advance(self, to: int) -> None:
        """Move the watermark; let go on what it passes."""
        if self.line_until or to > self.sequences.limit:
            to = min(self.watermark if self.line_until else to, self.sequences.limit)
        before = self.watermark
        if to <= before:
            return
        self.watermark = to
        while self.heap and self.heap[0][0] <= to:
            self._release_once(heappop(self.heap)[5])
        if to >= self.sequences.give_up_at:
            self.sequences.pass_by(before, to, self.now)
        if to // SECOND_US > before // SECOND_US:
            self.crossings.append((to, self.count + len(self.released)))

    def _release_once(self, event: Event) -> None:
        place = (event.ts_us, event.sequence)
        if event.sequence >= 0 and self.last.get(event.symbol) == place:
            self._tally.drops["repeated"] += 1
            return
        self.last[event.symbol] = place
        self.released.append(event)

    def _relieve(self) -> None:
        """Let the older half of what is held go on."""
        self._tally.notes["held_too_many"] += 1
        self.heed_answer("")
        held = [entry[0] for entry in self.heap]
        for track in self.sequences.open.values():
            held += [event.ts_us for event in track.held.values()]
        if len(held) > MOST_HELD // 2:
            self._advance(sorted(held)[len(held) // 2])
