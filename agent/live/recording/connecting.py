"""Connectors of a workspace's sources, put to work on a journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.live.home import SourceHome
from agent.live.recording.sink import Line
from storage.connectors.opening import Around, open_connector
from storage.connectors.port import Resume
from storage.journal.archive import Archive
from storage.journal.reader import Reader
from storage.journal.record import Cursor, Kind
from storage.open import open_bus, open_lake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.live.recording.recorder import Connect
    from agent.live.recording.sink import JournalSink
    from configs.settings import Settings
    from configs.workspace import Workspace
    from storage.journal.record import Record
    from taskspecs.sources.spec import SourceSpec


def connect(workspace: Workspace, settings: Settings) -> Connect:
    """Return what runs the connector that a document asks for."""
    from tasks.streams.decoding.making import names_of

    async def run(spec: SourceSpec, sink: JournalSink) -> None:
        around = Around(
            workspace.root,
            symbols=names_of(spec).asked,
            bus=lambda: open_bus(settings, workspace),
            journal=lambda name: _records(workspace, settings, name),
            resume=_resume(workspace, settings, spec),
        )
        connector = open_connector(spec, around)
        sink.line = connector if isinstance(connector, Line) else None
        await connector.run(sink)

    return run


def _records(workspace: Workspace, settings: Settings, name: str) -> Iterator[Record]:
    """Iterate over what another source's journal holds now."""
    home = SourceHome(workspace, name)
    reader = Reader(home.journal, older=Archive(open_lake(settings, workspace), name), durable=True)
    try:
        while records := reader.read():
            yield from records
    finally:
        reader.close()


def _resume(workspace: Workspace, settings: Settings, spec: SourceSpec) -> Resume | None:
    """Return how far a file was read: the last mark in the journal, and the messages behind it."""
    if spec.connect.by != "file":
        return None
    home = SourceHome(workspace, spec.name)
    archive = Archive(open_lake(settings, workspace), spec.name)
    messages = 0
    for number in reversed(range(home.journal.numbers()[-1] + 1)):
        opened, count = _last_opened(home, archive, number)
        messages += count
        if opened is not None:
            return Resume(opened, messages)
    return None


def _last_opened(home: SourceHome, archive: Archive, number: int) -> tuple[bytes | None, int]:
    """Return a segment's last record OPENED, and how many messages follow it there."""
    opened, count = None, 0
    reader = Reader(home.journal, Cursor(number, 0), older=archive)
    try:
        while records := reader.read(until=Cursor(number + 1, 0)):
            for record in records:
                if record.kind is Kind.OPENED:
                    opened, count = record.body, 0
                count += record.kind is Kind.RAW
    finally:
        reader.close()
    return opened, count
