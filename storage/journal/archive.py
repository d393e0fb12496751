"""Sealed hours of a journal in the lake: Parquet and a manifest, under `raw/streams`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from storage.journal.record import Cursor, Kind, Record
from storage.journal.segment import Summary, summarise
from storage.lake.lake import RAW, RECORDINGS
from storage.lake.manifest import DatasetId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.lake.lake import Lake
    from storage.lake.manifest import Manifest

FOLDER = f"{RAW}/{RECORDINGS}"
FILE = "records.parquet"
_KINDS = {int(kind): kind for kind in Kind}
_BATCH = 20_000


class Hour(NamedTuple):
    """A sealed hour."""

    manifest: Manifest
    first: int
    """Its first segment."""
    last: int
    summary: Summary

    @property
    def began_us(self) -> int:
        """When its first record came."""
        return int(self.manifest.section["first_us"])


def hour_id(name: str, at_us: int) -> DatasetId:
    """Return the address of the hour of a time: ``raw/streams/NAME/DAY/HH``, in UTC.

    Examples
    --------
    >>> hour_id("trades", 1_704_164_399_000_000).prefix
    'raw/streams/trades/2024-01-02/02'
    """
    at = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    return DatasetId(RAW, RECORDINGS, f"{name}/{at:%Y-%m-%d}/{at:%H}")


class Archive:
    """The sealed hours of one source.

    Parameters
    ----------
    lake
        Where they are.
    name
        The source's.
    """

    def __init__(self, lake: Lake, name: str) -> None:
        self.lake, self.name = lake, name
        self._hours: list[Hour] = []

    def hours(self) -> list[Hour]:
        """Return what is sealed, in the order of time."""
        found = self.lake.manifests(f"{FOLDER}/{self.name}")
        self._hours = sorted((_hour(each) for each in found), key=lambda hour: hour.first)
        return self._hours

    def first(self) -> int | None:
        """Return the number of the oldest segment that is kept."""
        hours = self.hours()
        return hours[0].first if hours else None

    def next_segment(self) -> int:
        """Return the number behind all that is sealed."""
        hours = self.hours()
        return hours[-1].last + 1 if hours else 0

    def segment(self, number: int) -> Iterator[tuple[int, Record]] | None:
        """Return the records of a sealed segment and where each ended; None if it is not here."""
        for hours in (self._hours, self.hours()):
            for hour in hours:
                if hour.first <= number <= hour.last:
                    return self._rows(hour, number)
        return None

    def read_back(self, hour: Hour) -> Summary:
        """Count what a sealed hour's file holds, as it is in the lake now, and take its digest.

        Raises
        ------
        Damaged
            If the file differs from its manifest.
        """
        return summarise(record for _, record in self._rows(hour, None))

    def _rows(self, hour: Hour, number: int | None) -> Iterator[tuple[int, Record]]:
        from pyarrow import compute
        from pyarrow.parquet import ParquetFile

        with self.lake.open_file(hour.manifest, FILE) as path, ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                rows = batch
                if number is not None:
                    rows = rows.filter(compute.equal(rows.column("segment"), number))
                columns: Any = (rows.column(name).to_pylist() for name in COLUMNS[1:])
                for end, arrival_us, kind, body in zip(*columns, strict=True):
                    yield end, Record(arrival_us, _KINDS[kind], body)


COLUMNS = ("segment", "end", "arrival_us", "kind", "body")
"""Of the file: the segment, where in it the record ended, and the record."""


def _hour(manifest: Manifest) -> Hour:
    section = manifest.section
    return Hour(
        manifest, int(section["segments"][0]), int(section["segments"][1]),
        Summary(int(section["records"]), str(section["digest"])),
    )  # fmt: skip


def after(hour: Hour) -> Cursor:
    """Return the place behind an hour."""
    return Cursor(hour.last + 1, 0)
