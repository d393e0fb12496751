"""What a recorder does because of commits: asks histories, and notes what other sources say.

Both are network or another's word, so they stand in the journal before any flow sees them.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from agent.live.flow.commits import commits
from agent.live.home import SourceHome, read_json, write_json
from storage.journal.record import BEGINNING, Cursor, Kind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from agent.live.flow.commits import Commit
    from agent.live.recording.sink import JournalSink
    from taskspecs.sources.spec import SourceSpec

    Ask = Callable[[SourceSpec, tuple[str, int, int, int, int]], Awaitable[list[bytes]]]
    """Asks a history for a `tasks.streams.order.gaps.Want`; the bodies of records HISTORY."""

LOOK_S: Final = 0.25
_BARS: Final = ("open", "high", "low", "close", "volume", "amount")


class Place:
    """Up to where a log was followed; kept in a file.

    Parameters
    ----------
    home
        Whose file.
    name
        The file's, without its ending.
    """

    def __init__(self, home: SourceHome, name: str) -> None:
        self._path = home.folder / f"{name}.json"
        kept = read_json(self._path).get("log")
        self.at = Cursor(*kept) if isinstance(kept, list) else BEGINNING

    def move(self, cursor: Cursor) -> None:
        """Note how far it is."""
        self.at = cursor
        write_json(self._path, {"log": list(cursor)})


async def fill_gaps(
    home: SourceHome, sink: JournalSink, spec: Callable[[], SourceSpec], ask: Ask
) -> None:
    """Ask the history for what is missing, and write its answers; ends only by being cancelled."""
    place = Place(home, "asked")
    while True:
        for cursor, commit in await asyncio.to_thread(_read, home, place.at, ()):
            for want in commit.facts.wants:
                for body in await ask(spec(), want):
                    await sink.put(Kind.HISTORY, body)
            await sink.durable()
            place.move(cursor)
        await asyncio.sleep(LOOK_S)


async def note_joined(home: SourceHome, sink: JournalSink, spec: Callable[[], SourceSpec]) -> None:
    """Write what the sources that are joined have made; ends only by being cancelled."""
    while True:
        for name in joined_by(spec()):
            other = SourceHome(home.workspace, name)
            place = Place(home, f"joined-{name}")
            for cursor, commit in await asyncio.to_thread(
                _read, other, place.at, ("bars", "features")
            ):
                for body in joined_bodies(name, commit):
                    await sink.put(Kind.JOINED, body)
                await sink.durable()
                place.move(cursor)
        await asyncio.sleep(LOOK_S)


def joined_by(spec: SourceSpec) -> list[str]:
    """Return the names of the sources that a document joins."""
    found = (each["join"] for each in spec.then if isinstance(each.get("join"), dict))
    return sorted({str(join["source"]) for join in found if "source" in join} - {spec.name})


def joined_bodies(source: str, commit: Commit) -> Iterator[bytes]:
    """Return the bodies of records JOINED of another source's commit, bars first."""
    for name, columns in (("bars", _BARS), ("features", None)):
        frame = commit.tables.get(name)
        for row in [] if frame is None else frame.to_dicts():
            yield _joined(source, row, columns)


def _joined(source: str, row: dict[str, Any], columns: tuple[str, ...] | None) -> bytes:
    names = columns or [name for name in row if name not in {"symbol", "ts"}]
    at_us = round(row["ts"].timestamp() * 1e6)
    values = {name: row.get(name) for name in names}
    said = {"source": source, "symbol": row["symbol"], "ts_us": at_us, "values": values}
    return json.dumps(said, allow_nan=False, default=str).encode()


def _read(home: SourceHome, cursor: Cursor, only: tuple[str, ...]) -> list[tuple[Cursor, Commit]]:
    if not home.outputs.numbers():
        return []
    found = []
    for each in commits(home.outputs, cursor, only=only):
        found.append(each)
        if len(found) == 50:
            break
    return found
