"""Events in the order of their sequence numbers, symbol by symbol."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from tasks.streams.event import from_plain, to_plain
from tasks.streams.order.gaps import FOREVER, NEVER, Gap, Hole, Want

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.streams.event import Event
    from tasks.streams.order.tally import Tally
    from taskspecs.sources.flow import OrderSpec

MOST_LOST = 64
"""Stretches of numbers of a symbol that are remembered as given up."""


class Track:
    """One symbol: which number comes next, and what came before its turn."""

    __slots__ = ("expected", "held", "hole", "last_ts", "lost", "numbers")

    def __init__(self) -> None:
        self.expected: int | None = None
        self.last_ts = NEVER
        self.held: dict[int, Event] = {}
        self.numbers: list[int] = []
        self.hole: Hole | None = None
        self.lost: list[tuple[int, int]] = []

    def freeze(self) -> list[Any]:
        """Return the state as plain values."""
        held = [to_plain(self.held[number]) for number in self.numbers]
        hole = None
        if self.hole is not None:
            told = None if self.hole.told is None else list(self.hole.told)
            hole = [self.hole.noticed, told, self.hole.until]
        return [self.expected, self.last_ts, held, hole, self.lost]

    def thaw(self, state: list[Any]) -> None:
        """Go on from a state."""
        self.expected, self.last_ts, held, hole, lost = state
        self.lost = [(first, last) for first, last in lost]
        events = [from_plain(one) for one in held]
        self.numbers = [event.sequence for event in events]
        self.held = {event.sequence: event for event in events}
        if hole is not None:
            noticed, told, until = hole
            self.hole = Hole(noticed, None if told is None else Gap(*told), until)

    @property
    def first_ts(self) -> int:
        """The time of the first event that is held."""
        return self.held[self.numbers[0]].ts_us if self.numbers else FOREVER


class BySequence:
    """Lets each event go on as soon as all before it are there, or cannot come in time any more.

    Parameters
    ----------
    spec
        The section `order`, with a `step`.
    tally
        What is counted and told.
    release
        Takes the events that go on.
    """

    def __init__(self, spec: OrderSpec, tally: Tally, release: Callable[[Event], None]) -> None:
        self.tracks: dict[str, Track] = {}
        self.open: dict[str, Track] = {}
        self.give_up_at = FOREVER
        self.due = FOREVER
        self.limit = FOREVER
        self.held = 0
        self._tally = tally
        self._release = release
        self.adopt(spec)

    def adopt(self, spec: OrderSpec) -> None:
        """Follow other settings from here on."""
        self._step = spec.step or 1
        self._lateness = spec.lateness_ms * 1_000
        self._wait = spec.gap.wait_ms * 1_000
        self._patience = spec.gap.patience_ms * 1_000
        self._fills = spec.gap.fill == "history"

    def take(self, event: Event, watermark: int, now: int) -> None:
        """Take an event, given up to which time all is complete, and the time of its record."""
        number = event.sequence
        track = self.tracks.get(event.symbol)
        if track is None:
            track = self.tracks[event.symbol] = Track()
        if number == track.expected:
            track.expected = number + self._step
            if event.ts_us > watermark:
                track.last_ts = event.ts_us
                self._release(event)
            else:
                self._tally.late += 1
            if track.held:
                self._follow(event.symbol, track, watermark, now)
        elif track.expected is not None and number < track.expected:
            self._take_former(event, track, watermark, now)
        elif event.ts_us <= watermark:
            self._tally.late += 1
        elif number in track.held:
            self._tally.drops["repeated"] += 1
        else:
            self._hold(event, track, now)

    def _take_former(self, event: Event, track: Track, watermark: int, now: int) -> None:
        if event.ts_us > max(track.last_ts + self._lateness, watermark):
            self._tally.notes["sequence_reset"] += 1
            self._pass(event.symbol, track, FOREVER, watermark, now)
            track.expected, track.lost = None, []
            self._hold(event, track, now)
        elif any(first <= event.sequence <= last for first, last in track.lost):
            self._tally.late += 1
        else:
            self._tally.drops["repeated"] += 1

    def _hold(self, event: Event, track: Track, now: int) -> None:
        track.held[event.sequence] = event
        heappush(track.numbers, event.sequence)
        self.held += 1
        self.open[event.symbol] = track
        self.give_up_at = min(self.give_up_at, track.first_ts)
        self._notice(track, now)

    def _notice(self, track: Track, now: int) -> None:
        """Remember since when a number has been missing."""
        if track.hole is None and track.expected is not None:
            track.hole = Hole(now, until=now + self._wait + self._patience if self._fills else 0)
            self.due = min(self.due, now + self._wait)
            if self._fills:
                self.settle()

    def _follow(self, symbol: str, track: Track, watermark: int, now: int) -> None:
        """Let those go on that were held behind what has come."""
        if track.expected not in track.held:
            return  # the hole has become narrower
        while track.expected in track.held:
            self._let_go(track, watermark)
        self._close_hole(track, "filled", now)
        self._look_again(symbol, track, now)

    def _let_go(self, track: Track, watermark: int) -> None:
        number = heappop(track.numbers)
        event = track.held.pop(number)
        self.held -= 1
        track.expected = number + self._step
        if event.ts_us <= watermark:  # a time far before those of the numbers before it
            self._tally.late += 1
            return
        track.last_ts = event.ts_us
        self._release(event)

    def _look_again(self, symbol: str, track: Track, now: int) -> None:
        if track.held:
            self._notice(track, now)
        else:
            self.open.pop(symbol, None)

    def _close_hole(self, track: Track, state: Any, now: int) -> None:
        hole, track.hole = track.hole, None
        if hole is None:
            return
        if hole.told is not None:
            self._tally.gaps.append(hole.told._replace(state=state, at_us=now))
        if hole.until:
            self.settle()

    def pass_by(self, before: int, to: int, now: int) -> None:
        """Go on behind holes that no event in time can fill, as the watermark moves."""
        for symbol, track in list(self.open.items()):
            if track.first_ts <= to:
                self._pass(symbol, track, to, before, now)
        self.give_up_at = min((track.first_ts for track in self.open.values()), default=FOREVER)

    def _pass(self, symbol: str, track: Track, to: int, watermark: int, now: int) -> None:
        while track.numbers and track.first_ts <= to:
            number = track.numbers[0]
            if track.expected is not None and number > track.expected:
                self._lose(symbol, track, number - self._step, now)
            track.expected = number
            while track.expected in track.held:
                self._let_go(track, watermark)
        self._look_again(symbol, track, now)

    def _lose(self, symbol: str, track: Track, last: int, now: int) -> None:
        """Give up the hole in front."""
        hole = track.hole or Hole(now)
        hole.told = hole.told or self._gap(symbol, track, now)
        track.hole = hole
        track.lost.append((track.expected or 0, last))
        del track.lost[:-MOST_LOST]
        self._close_hole(track, "given_up", now)

    def _gap(self, symbol: str, track: Track, now: int) -> Gap:
        first, behind = track.expected or 0, track.numbers[0]
        return Gap(
            symbol, first, behind - self._step, track.last_ts, track.first_ts, "missing", now
        )

    def heed(self, now: int) -> None:
        """Tell what has been missing long enough; wait no more for a history that does not come."""
        for symbol, track in self.open.items():
            hole = track.hole
            if hole is None:
                continue
            if hole.until and now >= hole.until:
                hole.until = 0
            if hole.told is None and now >= hole.noticed + self._wait:
                hole.told = gap = self._gap(symbol, track, now)
                self._tally.gaps.append(gap)
                if self._fills:
                    self._tally.wants.append(Want(*gap[:5]))
        self.settle()

    def answered(self, symbol: str) -> None:
        """Wait no more for what the history has said all of; "" is every symbol."""
        for name, track in self.open.items():
            if track.hole is not None and symbol in {"", name}:
                track.hole.until = 0
        self.settle()

    def freeze(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {name: track.freeze() for name, track in self.tracks.items()}

    def thaw(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        for name, kept in state.items():
            self.tracks[name] = track = Track()
            track.thaw(kept)
            if track.held:
                self.open[name] = track
        self.held = sum(len(track.held) for track in self.open.values())
        self.give_up_at = min((track.first_ts for track in self.open.values()), default=FOREVER)
        self.settle()

    def settle(self) -> None:
        """Find anew what the watermark may not pass, and when to look again."""
        waiting = [(track, track.hole) for track in self.open.values() if track.hole]
        self.limit = min((t.last_ts for t, hole in waiting if hole.until), default=FOREVER)
        self.due = min(
            (hole.noticed + self._wait if hole.told is None else hole.until
             for _, hole in waiting if hole.told is None or hole.until),
            default=FOREVER,
        )  # fmt: skip
