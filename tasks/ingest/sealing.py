"""Sealing: from which day on a source is closed to research, by settings and ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from configs.errors import BadInput, Place, in_spec
from configs.workspace import SETTINGS_FILE
from storage.seals.likeness import sketch
from storage.seals.register import Register, Seal
from tasks.ingest import read
from tasks.ingest.bars.selection import NothingInPeriod
from tasks.ingest.origin.sources import locate
from taskspecs.identity import digest

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import polars as pl

    from configs.settings import Settings
    from configs.workspace import Workspace
    from storage.ledger import Ledger
    from tasks.ingest.ingested import Ingested
    from taskspecs.schema import DataSpec


@dataclass(frozen=True, slots=True)
class Sealing:
    """The seal on a source, if there is one, and whether the ledger has it yet."""

    seal: Seal | None = None
    new: bool = False

    @property
    def sealed_from(self) -> date | None:
        """The first sealed day, in the source's zone."""
        return self.seal.sealed_from if self.seal else None


def settle(
    data: DataSpec, workspace: Workspace, settings: Settings, ledger: Ledger, *, data_digest: str
) -> Sealing:
    """Find the seal on a source; writes nothing.

    A seal covers all data like those it was put on, whatever their file is called. What the
    settings name is sealed as it is first used; a share becomes a day then, and stays that day.

    Parameters
    ----------
    data
        The `data` section of a spec.
    data_digest
        sha256 of the source's bytes.

    Raises
    ------
    BadInput
        If the settings name a later day than the ledger, or one that leaves nothing.
    """
    wanted = settings.holdout.get(source_name(data))
    register = Register(ledger.entries())
    if wanted is None:
        return Sealing(_by_likeness(data, workspace, register, data_digest))
    for seal in register.seals:
        if seal.data == data_digest and wanted == seal.sealed_from:
            return Sealing(seal)
    whole = _read(data.model_copy(update={"symbols": None, "start": None, "end": None}), workspace)
    bars = sketch(whole)
    known = register.seal_of(bars, data_digest)
    if known and (isinstance(wanted, float) or wanted == known.sealed_from):
        same = Seal(source_name(data), known.sealed_from, data_digest, bars)
        return Sealing(same, new=known.data != data_digest)
    day = wanted if isinstance(wanted, date) else _day_of_share(whole, wanted, data.zone)
    if known and day > known.sealed_from:
        raise _later(source_name(data), day, known)
    if day.isoformat() <= bars.first:
        raise BadInput(
            f"all of {source_name(data)} would be sealed: its first bar is of {bars.first}",
            place=_setting(source_name(data)),
        )
    return Sealing(Seal(source_name(data), day, data_digest, bars), new=True)


def open_part(data: DataSpec, sealed_from: date | None) -> DataSpec:
    """Return the section without what is sealed.

    Raises
    ------
    BadInput
        If nothing is left of the period that it asks for.
    """
    if sealed_from is None:
        return data
    if data.start and data.start >= sealed_from:
        raise BadInput(
            f"the data are sealed from {sealed_from} on, and the study begins after that",
            place=in_spec("data.start"),
            hint="the gate alone looks there, once for each strategy: qraft gate holdout",
        )
    last = sealed_from - timedelta(days=1)
    return data.model_copy(update={"end": min(data.end or last, last)})


def read_open(
    data: DataSpec,
    sealed_from: date | None,
    path: Path,
    *,
    original_name: str,
    seen_at: datetime | None = None,
) -> Ingested:
    """Read a source without what is sealed, as it was at `seen_at`.

    Raises
    ------
    BadInput
        As :func:`tasks.ingest.read`, and if all of it is sealed.
    """
    try:
        return read(
            open_part(data, sealed_from), path, original_name=original_name, seen_at=seen_at
        )
    except NothingInPeriod as error:
        last = sealed_from - timedelta(days=1) if sealed_from else None
        if last is None or (data.end is not None and data.end <= last):
            raise
        raise BadInput(
            f"all bars of {source_name(data)} that are asked for are sealed: the seal on these "
            f"data begins on {sealed_from}, and {error.what}",
            place=in_spec("data.start" if data.start else "data"),
            hint=f"{error.hint}; a study needs bars from before the seal. The seal is on all data "
            "that are like those it was put on, whatever their file is called; it shows under "
            "`qraft gate log --kind seal`. What was run on the open part and is at paper reads on "
            "past the seal by itself",
        ) from error


def source_name(data: DataSpec) -> str:
    """Return what the settings call a source: ``sample``, or the file's path.

    Examples
    --------
    >>> from taskspecs.schema import DataSpec
    >>> source_name(DataSpec(source="file", path="./data/prices.csv"))
    'data/prices.csv'
    """
    return str(PurePosixPath(data.path)) if data.path else data.source


def reading_of(data: DataSpec) -> str:
    """Return the digest of how a source is read, wherever its file is."""
    section = data.model_dump(mode="json", exclude={"path"})
    return digest(section)[:16]


def _by_likeness(
    data: DataSpec, workspace: Workspace, register: Register, data_digest: str
) -> Seal | None:
    """Find a seal that the settings do not speak of: of another name, or of an earlier time."""
    if not register.seals:
        return None
    seen = register.seen(data_digest, reading_of(data)) or sketch(_read(data, workspace))
    return register.seal_of(seen, data_digest)


def _read(data: DataSpec, workspace: Workspace) -> pl.DataFrame:
    """Read a source to recognise it; none of its bars is handed on."""
    path = locate(data, workspace.root)
    try:
        return read(data, path, original_name=path.name).bars
    except BadInput as error:
        raise error if error.place else error.at(in_spec("data")) from None


def _day_of_share(bars: pl.DataFrame, share: float, zone: str) -> date:
    """Return the day on which the last share of all days begins."""
    days = bars["ts"].dt.convert_time_zone(zone).dt.date().unique().sort()
    return days.to_list()[int(len(days) * (1 - share))]  # type: ignore[no-any-return]


def _later(source: str, day: date, known: Seal) -> BadInput:
    return BadInput(
        f"{source} is sealed from {known.sealed_from} on; a seal may only come to lie earlier, "
        f"and {day} is later",
        place=_setting(source),
        hint=f"write `{source}: {known.sealed_from}` or an earlier day",
    )


def _setting(source: str) -> Place:
    return Place(SETTINGS_FILE, key=f"holdout.{source}")
