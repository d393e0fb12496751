"""Replay: what a journal makes, made again, and compared with what was made as it came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from agent.live.flow.commits import TABLES, Digests, commits, table
from configs.errors import Failed
from configs.remedies import Mend
from storage.journal.reader import Reader
from storage.journal.record import BEGINNING, Cursor, Kind
from taskspecs.sources.load import restore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.live.flow.flowing import Flowing, Make
    from agent.live.home import SourceHome
    from storage.journal.folder import JournalFolder
    from storage.journal.reader import Older
    from tasks.streams.outputs import Outputs

AT_ONCE: Final = 20_000


@dataclass(slots=True)
class Replayed:
    """What a replay came to."""

    records: int = 0
    cursor: Cursor = BEGINNING
    digests: Digests = field(default_factory=Digests)


def replay(
    folder: JournalFolder,
    make: Make,
    *,
    older: Older | None = None,
    since: Cursor = BEGINNING,
    until: Cursor | None = None,
    at_once: int = AT_ONCE,
    on_outputs: Callable[[Cursor, Outputs], None] | None = None,
) -> Replayed:
    """Push a journal through a new flow.

    Parameters
    ----------
    since
        What is made of records before this place is not counted.
    until
        Nothing behind this place is pushed.
    at_once
        Records in a push; what comes out does not depend on it.
    on_outputs
        Is given what comes out, with the place behind its records.

    Raises
    ------
    Damaged
        If the journal is not whole.
    Failed
        If it does not begin with its source's document.
    """
    done = Replayed()
    flow: Flowing | None = None
    reader = Reader(folder, older=older)
    try:
        while True:
            begin = reader.cursor
            records = reader.read(at_once, until=since if begin < since else until)
            if not records:
                if reader.cursor == begin:
                    break
                continue
            if flow is None:
                specs = [record.body for record in records if record.kind is Kind.SPEC]
                if not specs:
                    raise Failed(f"{folder.path} does not begin with its source's document")
                flow = make.new(restore(specs[0]))
            outputs = flow.push(records)
            done.records += len(records)
            done.cursor = reader.cursor
            if reader.cursor > since:
                for name in TABLES:
                    done.digests.add(name, table(outputs, name))
            if on_outputs is not None:
                on_outputs(reader.cursor, outputs)
    finally:
        reader.close()
    return done


@dataclass(frozen=True, slots=True)
class Equality:
    """Live beside replayed, table by table."""

    records: int
    rows: dict[str, tuple[int, int]]
    """Of each table, how many rows were committed live, and how many the replay made."""
    digests: dict[str, tuple[str, str]]

    @property
    def holds(self) -> bool:
        """Whether all of it is the same bytes."""
        return all(live == again for live, again in self.digests.values())

    def differing(self) -> Iterator[str]:
        """Yield the tables that differ."""
        return (name for name, (live, again) in self.digests.items() if live != again)


def compare(home: SourceHome, make: Make, *, older: Older | None = None) -> Equality:
    """Replay what a source's flow has committed, and compare."""
    live, end = Digests(), BEGINNING
    begin: Cursor | None = None
    for _, commit in commits(home.outputs, BEGINNING):
        live.add_all(commit.tables)
        begin, end = begin or commit.begin, commit.end
    if begin is None:
        raise Failed(
            f"the flow of {home.name} has committed nothing yet",
            remedy=Mend.RUN_STREAM(source=home.name),
        )
    again = replay(home.journal, make, older=older, since=begin, until=end)
    return Equality(
        again.records,
        {name: (live.rows[name], again.digests.rows[name]) for name in TABLES},
        {name: (live.hex()[name], again.digests.hex()[name]) for name in TABLES},
    )
