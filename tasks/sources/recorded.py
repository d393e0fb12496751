"""The bars of a live source, made again from its journal, sealed hours and newest records alike."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from configs.errors import BadInput, did_you_mean, in_spec
from storage.journal.archive import Archive
from storage.journal.folder import journal_folder
from storage.journal.reader import Reader
from storage.journal.record import Kind
from storage.lake.lake import Lake
from tasks.streams.decoding import make
from tasks.streams.flow import Flow
from tasks.streams.windows.frames import concat
from tasks.streams.windows.rows import NO_BARS
from taskspecs.sources.load import restore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from configs.workspace import Workspace
    from storage.journal.record import Record
    from storage.lake.objects import ObjectStore

AT_ONCE: Final = 20_000
"""Records that are read and pushed at once; what comes out does not depend on it."""
END: Final = "close_time"
"""What ingest calls a stamp that is a bar's end."""


def recorded_bars(workspace: Workspace, store: ObjectStore, name: str) -> bytes:
    """Return the bars that a source's flow has closed, as a file that ingest reads.

    What no record has closed yet is left out, so a bar that is there stays as it is.

    Returns
    -------
    bytes
        Parquet: `symbol, close_time, open, high, low, close, volume, amount, known_at`.

    Raises
    ------
    BadInput
        If there is no journal of that name, with those that there are; or no bar in it.
    Damaged
        If the journal is not whole.
    """
    bars = concat(_bars(_records(workspace, store, name)), NO_BARS)
    if bars.is_empty():
        raise _nothing(workspace, name)
    buffer = io.BytesIO()
    bars.rename({"ts": END}).drop("factor").sort("symbol", END).write_parquet(buffer)
    return buffer.getvalue()


def _records(workspace: Workspace, store: ObjectStore, name: str) -> Iterator[Sequence[Record]]:
    reader = Reader(journal_folder(workspace, name), older=Archive(Lake(store), name), durable=True)
    try:
        while True:
            before = reader.cursor
            records = reader.read(AT_ONCE)
            if records:
                yield records
            elif reader.cursor == before:
                return
    finally:
        reader.close()


def _bars(parts: Iterator[Sequence[Record]]) -> Iterator[pl.DataFrame]:
    flow: Flow | None = None
    for records in parts:
        if flow is None:
            documents = [record.body for record in records if record.kind is Kind.SPEC]
            if not documents:
                continue
            spec = restore(documents[0])
            flow = Flow(spec, make(spec), bars_only=True)
        yield flow.push(records).bars


def _nothing(workspace: Workspace, name: str) -> BadInput:
    folder = workspace.home / "journal"
    there = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    if name in there:
        return BadInput(
            f"the live source `{name}` has closed no bar yet",
            place=in_spec("data.path"),
            hint=f"see what has come: qraft stream status {name}",
        )
    hint = did_you_mean(name, there) if there else "record one: qraft stream record SOURCE"
    return BadInput(
        f"nothing was recorded of a live source `{name}`", place=in_spec("data.path"), hint=hint
    )
