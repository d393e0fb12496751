"""Windows: bars that are closed once, whole, by the function that makes them in studies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from tasks.resampling.merging import merge
from tasks.resampling.resampling import Marks
from tasks.streams.order.gaps import FOREVER
from tasks.streams.windows.carrying import Carrying
from tasks.streams.windows.frames import from_bytes, instant, to_bytes
from tasks.streams.windows.rows import NO_BARS, ROWS, UTC, Rows, to_bars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.streams.event import Event, Scales
    from taskspecs.sources.spec import SourceSpec

LENGTHS: Final = {"s": 1, "min": 60, "h": 3_600}
MOST_ROWS: Final = 50_000
"""Rows of open windows from which those of whole seconds are put together."""


def seconds_of(length: str) -> int:
    """Return the length of a bar in seconds.

    Examples
    --------
    >>> seconds_of("15min"), seconds_of("10s")
    (900, 10)
    """
    number = length.rstrip("hmins")
    return int(number) * LENGTHS[length[len(number) :]]


class Windows:
    """The windows of a source.

    The rows of a window wait until the watermark is at or past its end; then all of it is merged by
    `tasks.resampling.merge`, as a study would from the complete data. Numbers stay whole until they
    are merged, so sums are exact: whether closed one by one or together, bars are the same bytes.

    Parameters
    ----------
    spec
        Sections `bars` and `order`, and the zone.
    scales
        Of the source's numbers.
    """

    def __init__(self, spec: SourceSpec, scales: Scales) -> None:
        self._rows = Rows()
        self._kept = pl.DataFrame(schema=ROWS)
        self._next_end = FOREVER
        self._carrying = Carrying()
        self._set(spec, scales)

    def adopt(self, spec: SourceSpec, scales: Scales) -> None:
        """Follow other settings from here on."""
        self._keep(self._frame())
        self._set(spec, scales)
        self._keep(self._kept)

    def _set(self, spec: SourceSpec, scales: Scales) -> None:
        self._marks = Marks(seconds_of(spec.bars.every), spec.exchange_zone)
        self._carries = spec.bars.quiet == "carry"
        self._lateness_us = 1_000 * spec.order.lateness_ms
        self._scales = scales

    def add(self, events: Sequence[Event]) -> None:
        """Take events whose windows are open."""
        first = min([event.ts_us for event in events])
        if first <= self._next_end - 1_000_000 * self._marks.seconds:
            self._next_end = min(self._next_end, self.end_of(first))
        self._rows.add(events)

    def end_of(self, microseconds: int) -> int:
        """Return the end of the window of a time."""
        ts = pl.Series([microseconds]).cast(UTC)
        return int(self._marks.ends(ts).to_physical()[0])

    def close(self, watermark: int) -> pl.DataFrame:
        """Return the bars of the windows that are over, by (ts, symbol), columns of BARS."""
        if watermark < self._next_end:
            if len(self._rows) > MOST_ROWS:
                self.put_together(watermark)
            return NO_BARS
        until = instant(watermark)
        frame = self._frame()
        bars = merge(frame, self._marks, until=until)
        self._keep(frame.filter(self._marks.ends(frame["ts"]) > until))
        if self._carries:
            bars = self._carrying.fill(bars, self._marks, until)
            self._next_end = min(self._next_end, self._carrying.next_end(self._marks))
        bars = bars.sort("ts", "symbol")
        return to_bars(bars, self._scales, lateness_us=self._lateness_us)

    def _frame(self) -> pl.DataFrame:
        if not len(self._rows):
            return self._kept
        return pl.concat([self._kept, self._rows.frame(self._scales)])

    def _keep(self, frame: pl.DataFrame) -> None:
        """Hold rows of windows that are open."""
        self._kept = frame
        self._rows.clear()
        self._next_end = FOREVER if frame.is_empty() else self._first_end(frame)

    def _first_end(self, frame: pl.DataFrame) -> int:
        return self.end_of(int(frame["ts"].to_physical().min()))  # type: ignore[arg-type]

    def put_together(self, watermark: int) -> None:
        """Let one row stand for each second that is over: whole numbers add up the same."""
        if self._marks.seconds == 1 or not len(self._rows):
            return
        frame, second = self._frame(), Marks(1, "UTC")
        over = second.ends(frame["ts"]) <= instant(watermark)
        seconds = merge(frame.filter(over), second, until=instant(watermark))
        end = self._next_end
        self._keep(pl.concat([seconds, frame.filter(~over)]))
        self._next_end = end

    def freeze(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {
            "rows": to_bytes(self._frame()),
            "symbols": list(self._rows.symbols),
            "next_end": self._next_end,
            "carrying": self._carrying.freeze(),
        }

    def thaw(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self._kept = from_bytes(state["rows"])
        self._rows.symbols = {name: place for place, name in enumerate(state["symbols"])}
        self._next_end = state["next_end"]
        self._carrying.thaw(state["carrying"])
