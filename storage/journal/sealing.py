"""Sealing: hours that are over become Parquet with a manifest; only then do segments leave."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from configs.errors import Damaged
from configs.faults import as_errors
from configs.remedies import Mend
from storage.journal.archive import COLUMNS, FILE, Archive, hour_id
from storage.journal.segment import Summary, records_of, summarise
from storage.journal.writer import HOUR_US
from storage.lake.stream import FrameStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl

    from storage.journal.archive import Hour
    from storage.journal.folder import JournalFolder
    from storage.journal.record import Cursor, Record
    from storage.lake.lake import Lake
    from storage.lake.manifest import Manifest

_ROWS = 1 << 16


class Sealed(NamedTuple):
    """An hour that was sealed now."""

    prefix: str
    """Where in the lake."""
    segments: tuple[int, int]
    summary: Summary


def seal(folder: JournalFolder, lake: Lake) -> list[Sealed]:
    """Seal every hour that is over and not sealed yet; repeating it is safe.

    An hour is over when a segment of a later one was begun.

    Raises
    ------
    Damaged
        If a segment is not whole; that hour, and those after it, wait until a person has decided.
    """
    archive = Archive(lake, folder.name)
    done, here = archive.next_segment(), folder.numbers()
    hours: dict[int | None, list[int]] = {}
    for hour, number in _with_hours(folder, [n for n in here if n >= done]):
        hours.setdefault(hour, []).append(number)
    # The newest segment's hour is not over; an empty one goes with what came before it.
    return [_seal(folder, lake, hours[hour]) for hour in list(hours)[:-1]]


def retire(folder: JournalFolder, lake: Lake, *, read: Cursor) -> list[int]:
    """Remove segments whose sealed copy, read back from the lake, holds the same records.

    Parameters
    ----------
    read
        Up to where every reader that matters is; what is behind stays.

    Returns
    -------
    list of int
        What left the folder.

    Raises
    ------
    Damaged
        If the copy differs; then nothing of it leaves.
    """
    archive, here = Archive(lake, folder.name), folder.numbers()
    left: list[int] = []
    for hour in archive.hours():
        numbers = [n for n in here[:-1] if hour.first <= n <= hour.last]
        if not numbers or hour.last >= read.segment:
            continue
        _compare(folder, archive, hour, numbers)
        for number in numbers:
            with as_errors():
                folder.segment(number).unlink()
        left += numbers
    return left


def expire(folder: JournalFolder, lake: Lake, *, before_us: int) -> list[str]:
    """Remove sealed hours that began before a time and whose segments have left; return which."""
    gone = []
    here = set(folder.numbers())
    for hour in Archive(lake, folder.name).hours():
        if hour.began_us >= before_us or here & set(range(hour.first, hour.last + 1)):
            continue
        lake.store.delete(hour.manifest.dataset.manifest_path)  # first: then it does not exist
        for stored in hour.manifest.files:
            lake.store.delete(stored.path)
        gone.append(hour.manifest.dataset.prefix)
    return gone


def _with_hours(folder: JournalFolder, numbers: Iterable[int]) -> Iterator[tuple[int | None, int]]:
    """Yield segments with the hour of their first record; an empty one goes with the one before."""
    hour: int | None = None
    for number in numbers:
        for _, record in islice(records_of(folder.segment(number)), 1):
            hour = record.arrival_us // HOUR_US
        yield hour, number


def _seal(folder: JournalFolder, lake: Lake, numbers: Sequence[int]) -> Sealed:
    seen = {"first_us": 0, "last_us": 0}
    summary = summarise(_noting(_records(folder, numbers), seen))
    segments = (numbers[0], numbers[-1])
    manifest = lake.commit(
        hour_id(folder.name, seen["first_us"]),
        {FILE: FrameStream(_frames(folder, numbers))},
        inputs={},
        section={
            "source": folder.name, "segments": list(segments), "records": summary.records,
            "digest": summary.digest, **seen,
        },
        code="",
    )  # fmt: skip
    _check_ours(manifest, segments, summary)
    return Sealed(manifest.dataset.prefix, segments, summary)


def _check_ours(manifest: Manifest, segments: tuple[int, int], summary: Summary) -> None:
    section = manifest.section
    if (tuple(section["segments"]), section["digest"]) != (segments, summary.digest):
        raise Damaged(
            f"{manifest.dataset.prefix} is sealed already, and with other records",
            hint="two workspaces that share a lake record a source of the same name?",
        )


def _compare(folder: JournalFolder, archive: Archive, hour: Hour, numbers: list[int]) -> None:
    kept, ours = archive.read_back(hour), hour.summary
    if len(numbers) == hour.last - hour.first + 1:  # else some have left, compared as a whole
        ours = summarise(record for _, record in _records(folder, numbers))
    if not kept == ours == hour.summary:
        raise Damaged(
            f"{hour.manifest.dataset.prefix} holds {kept.records} records, the journal of "
            f"{folder.name} {ours.records}, and their digests differ: no segment is removed",
            remedy=Mend.CHECK_STREAM(source=folder.name),
        )


def _records(folder: JournalFolder, numbers: Iterable[int]) -> Iterator[tuple[int, Record]]:
    for number in numbers:
        yield from records_of(folder.segment(number))


def _noting(records: Iterable[tuple[int, Record]], seen: dict[str, int]) -> Iterator[Record]:
    for _, record in records:
        seen["first_us"] = seen["first_us"] or record.arrival_us
        seen["last_us"] = record.arrival_us
        yield record


def _frames(folder: JournalFolder, numbers: Iterable[int]) -> Iterator[pl.DataFrame]:
    for number in numbers:
        records = records_of(folder.segment(number))
        while rows := list(islice(records, _ROWS)):
            yield _frame(number, rows)


def _frame(number: int, rows: list[tuple[int, Record]]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        {
            "segment": [number] * len(rows),
            "end": [end for end, _ in rows],
            "arrival_us": [record.arrival_us for _, record in rows],
            "kind": [int(record.kind) for _, record in rows],
            "body": [record.body for _, record in rows],
        },
        schema=dict(zip(COLUMNS, (pl.Int64, pl.Int64, pl.Int64, pl.Int32, pl.Binary), strict=True)),
    )
