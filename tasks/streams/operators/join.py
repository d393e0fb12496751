"""Join: the last values of another source beside one's own bars."""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import Annotated, Any, Final

import msgspec
import polars as pl
from pydantic import Field

from configs.section import Section
from tasks.streams.operators.normalise import Name
from tasks.streams.operators.port import BarOperator
from taskspecs.schema import Name as SourceName
from taskspecs.schema import Symbol

SECOND_US: Final = 1_000_000
REMEMBERED: Final = 2_000
"""Values of each symbol of the other source that are remembered."""
MOST_SYMBOLS: Final = 10_000


class Joined(msgspec.Struct, frozen=True):
    """The body of a record JOINED: what another source's bar or feature was at a time."""

    source: str
    symbol: str
    ts_us: Annotated[int, msgspec.Meta(ge=0, le=1 << 62)]
    values: dict[str, float | None]


_READ: Final = msgspec.json.Decoder(Joined)


class Other(Section):
    """What is joined."""

    source: SourceName
    """The other source's name."""
    columns: Annotated[dict[Name, Name], Field(min_length=1, max_length=64)]
    """Its column to the name that it gets here."""
    symbol: Symbol | None = None
    """Its symbol whose values stand beside all of ours; default that of the same name."""
    within_s: Annotated[float, Field(gt=0, le=864_000)] = 3_600.0
    """Older values are missing."""


class Join(BarOperator):
    """Adds to each bar the newest values of the other source that are not of a later time.

    What another source said stands in this one's journal, as records JOINED, among what came here:
    so what was known when a bar closed is a function of the journal.

    Look-ahead: none; values of times up to the bar's end, that came before it closed.
    """

    def __init__(self, settings: Other) -> None:
        super().__init__(settings)
        self._known: dict[str, list[tuple[int, list[float | None]]]] = {}

    def join(self, body: bytes) -> bool:
        """Take a record JOINED; say whether it is one."""
        try:
            said = _READ.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        if said.source != self._settings.source:
            return True
        if said.symbol not in self._known and len(self._known) >= MOST_SYMBOLS:
            return False
        known = self._known.setdefault(said.symbol, [])
        values = [said.values.get(name) for name in self._settings.columns]
        insort(known, (said.ts_us, values), key=_time)
        del known[:-REMEMBERED]
        return True

    def apply(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with the other's columns."""
        rows = [
            self._find(symbol, ts)
            for symbol, ts in frame.select("symbol", pl.col("ts").to_physical()).iter_rows()
        ]
        names = self._settings.columns.values()
        return frame.with_columns(
            pl.Series(name, [row[place] for row in rows], dtype=pl.Float64)
            for place, name in enumerate(names)
        )

    def _find(self, symbol: str, ts: int) -> list[float | None]:
        known = self._known.get(self._settings.symbol or symbol, [])
        place = bisect_right(known, ts, key=_time)
        if place and ts - known[place - 1][0] <= self._settings.within_s * SECOND_US:
            return known[place - 1][1]
        return [None] * len(self._settings.columns)

    def freeze(self) -> Any:
        """Return the state as plain values."""
        return self._known

    def thaw(self, state: Any) -> None:
        """Go on from a state."""
        self._known = state


def _time(known: tuple[int, list[float | None]]) -> int:
    return known[0]
