"""The projector: what sources committed goes into the warehouse, each batch once, and may lag.

It plans a batch, writes the plan down, loads it under a token that follows from the plan, and notes
that it is done. Killed in between, it loads the very same batch under the same token again, and the
warehouse knows it. `qraft stream rebuild` begins anew, with tokens of a new generation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from agent.live.flow.commits import from_bytes
from agent.live.home import read_json, write_json
from agent.live.projection.rows import RAW, clean_rows, pattern_rows, raw_rows
from storage.journal.archive import Archive
from storage.journal.reader import Reader
from storage.journal.record import BEGINNING, Cursor

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from agent.live.home import SourceHome
    from storage.journal.record import Record
    from storage.lake.lake import Lake
    from storage.warehouse.port import Warehouse
    from taskspecs.sources.flow import Keeping

MOST_RECORDS: Final = 50_000
MOST_COMMITS: Final = 64
ROUNDS: Final = 20
"""Batches of a source in one opening of the warehouse: others wait for it."""


@dataclass(slots=True)
class Place:
    """Up to where a log was loaded, and what is being loaded."""

    at: Cursor = BEGINNING
    until: Cursor | None = None


class Projection:
    """Loads one source.

    Parameters
    ----------
    home
        The source's folders.
    lake
        Where sealed hours are.
    now
        The time of ingestion.
    """

    def __init__(
        self,
        home: SourceHome,
        lake: Lake,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.home, self._now = home, now
        self._archive = Archive(lake, home.name)
        kept = read_json(home.projected)
        self.generation = int(kept.get("generation", 0))
        self.raw = _place(kept.get("raw"))
        self.made = _place(kept.get("made"))

    def is_due(self) -> bool:
        """Whether there is something to load; opens no warehouse."""
        logs = (self.home.journal, self.raw), (self.home.outputs, self.made)
        for folder, place in logs:
            reader = Reader(folder, place.at, older=self._archive, durable=True)
            try:
                if reader.behind() and reader.read(1):
                    return True
            finally:
                reader.close()
        return False

    def load(self, warehouse: Warehouse) -> int:
        """Load what is new, some of it; return how many rows there were."""
        count = 0
        for _ in range(ROUNDS):
            fresh = self._load_raw(warehouse) + self._load_made(warehouse)
            if not fresh:
                break
            count += fresh
        return count

    def begin_anew(self, warehouse: Warehouse) -> None:
        """Let go of all rows of the source; the next loads bring them back."""
        self.generation += 1
        self.raw, self.made = Place(), Place()
        self._keep()  # first: a kill in between leaves rows that are let go of below, next time
        for table in RAW, "clean_events", "pattern_events":
            for day in warehouse.days(table, self.home.name):
                warehouse.forget(table, self.home.name, day)

    def forget_old(self, warehouse: Warehouse, keep: Keeping) -> int:
        """Let go of days whose time is over, and whose journal has left for the lake, whole.

        A segment has left the journal's folder only once its copy in the lake was read back, and
        count and digest agreed (`storage.journal.sealing.retire`).
        """
        here = self.home.journal.numbers()
        gone = 0
        for table, days in (
            (RAW, keep.hot_days),
            ("clean_events", keep.hot_days),
            ("pattern_events", keep.patterns_days),
        ):
            limit = (self._now() - timedelta(days=days)).date()
            for day, newest in warehouse.days(table, self.home.name).items():
                if day < limit and here and newest < here[0]:
                    warehouse.forget(table, self.home.name, day)
                    gone += 1
        return gone

    @property
    def read(self) -> Cursor:
        """Up to where the journal is not needed here any more."""
        return self.raw.at

    def _load_raw(self, warehouse: Warehouse) -> int:
        reader = Reader(self.home.journal, self.raw.at, older=self._archive, durable=True)
        rows: list[tuple[Cursor, Record]] = []
        try:
            while len(rows) < MOST_RECORDS:
                left = MOST_RECORDS - len(rows)
                got = reader.read_placed(left, until=self.raw.until)
                if not got:
                    break
                rows += got
            end = reader.cursor
        finally:
            reader.close()
        return self._append(
            warehouse, self.raw, end, {RAW: raw_rows(self.home.name, rows, self._now())}
        )

    def _load_made(self, warehouse: Warehouse) -> int:
        reader = Reader(self.home.outputs, self.made.at, durable=True)
        try:
            records = reader.read(MOST_COMMITS, until=self.made.until)
            end = reader.cursor
        finally:
            reader.close()
        commits = [from_bytes(record.body) for record in records]
        now = self._now()
        return self._append(
            warehouse, self.made, end,
            {
                "clean_events": clean_rows(self.home.name, commits, now),
                "pattern_events": pattern_rows(self.home.name, commits, now),
            },
        )  # fmt: skip

    def _append(
        self, warehouse: Warehouse, place: Place, end: Cursor, tables: dict[str, pl.DataFrame]
    ) -> int:
        """Load a batch that ends at `end`: plan, load, note."""
        if end <= place.at:
            return 0
        if place.until is None:
            place.until = end
            self._keep()
        end = place.until
        count = 0
        for table, rows in tables.items():
            if rows.is_empty():
                continue
            token = f"{self.home.name}/{self.generation}/{table}/{place.at}-{end}"
            warehouse.append(table, rows, token=token)
            count += rows.height
        place.at, place.until = end, None
        self._keep()
        return count

    def _keep(self) -> None:
        def listed(place: Place) -> list[Any]:
            return [list(place.at), place.until and list(place.until)]

        write_json(
            self.home.projected,
            {
                "generation": self.generation,
                "raw": listed(self.raw),
                "made": listed(self.made),
            },
        )


def _place(kept: Any) -> Place:
    if not isinstance(kept, list):
        return Place()
    at, until = kept
    return Place(Cursor(*at), until and Cursor(*until))
