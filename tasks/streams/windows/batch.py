"""Bars of complete data, by the function that closes windows live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.streams.windows.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from tasks.streams.event import Event, Scales
    from taskspecs.sources.spec import SourceSpec


def bars_of(spec: SourceSpec, scales: Scales, events: Sequence[Event]) -> pl.DataFrame:
    """Return the bars of events that are all there, by (ts, symbol); columns of `rows.BARS`.

    Live, the same bars close one by one, where no event came later than the lateness.

    Parameters
    ----------
    events
        Clean ones, in any order; of one symbol and time in the order of sequence numbers.
    """
    windows = Windows(spec, scales)
    if not events:
        return windows.close(0)
    windows.add(sorted(events, key=lambda event: (event.ts_us, event.symbol, event.sequence)))
    return windows.close(max(event.ts_us for event in events))
