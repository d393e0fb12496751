"""A commit: what a flow made of a stretch of its journal, as one record of its outputs' log.

The log is a journal itself, so a commit stands whole or not at all. A flow that begins anew goes
over what it has committed in silence, up to the very record, and goes on from there: however often
it is killed, each stretch is committed once.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from configs.errors import Damaged
from storage.journal.reader import Reader
from storage.journal.record import Cursor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import polars as pl

    from storage.journal.folder import JournalFolder
    from tasks.streams.outputs import Outputs

TABLES: Final = ("events", "bars", "features", "scores", "patterns", "gaps")
"""What outputs are made of, table by table."""


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a commit says beside its tables."""

    begin: tuple[int, int]
    end: tuple[int, int]
    newest_us: int
    """When the newest of its records came."""
    watermark_us: int | None = None
    decimals: tuple[int, int, int] | None = None
    """Digits behind the point of its events' prices, sizes and amounts."""
    late: int = 0
    drops: dict[str, int] = {}
    """Messages and events that went no further, by reason."""
    notes: dict[str, int] = {}
    wants: list[tuple[str, int, int, int, int]] = []
    """What the source's history is to be asked for: `tasks.streams.order.gaps.Want`."""
    replies: list[dict[str, Any]] = []
    thresholds: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Commit:
    """What came of the records between two cursors."""

    facts: Facts
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    """Only those that have rows."""

    @property
    def begin(self) -> Cursor:
        """Where its records begin."""
        return Cursor(*self.facts.begin)

    @property
    def end(self) -> Cursor:
        """Where they end."""
        return Cursor(*self.facts.end)


class _Stored(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    facts: Facts
    tables: dict[str, bytes]


_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(_Stored).decode


def gather(
    begin: Cursor,
    end: Cursor,
    newest_us: int,
    parts: Sequence[Outputs],
    decimals: tuple[int, int, int] | None = None,
) -> Commit:
    """Put what several pushes brought into one commit.

    Parameters
    ----------
    newest_us
        When the newest record before `end` came.
    """
    from tasks.streams.outputs import put_together

    whole = put_together(parts)
    facts = Facts(
        begin=begin, end=end, newest_us=newest_us, watermark_us=whole.watermark_us,
        decimals=decimals,
        late=whole.late, drops=dict(whole.drops), notes=dict(whole.notes),
        wants=list(whole.wants),
        replies=msgspec.to_builtins(whole.replies), thresholds=dict(whole.thresholds),
    )  # fmt: skip
    frames = {name: table(whole, name) for name in TABLES}
    return Commit(facts, {name: frame for name, frame in frames.items() if not frame.is_empty()})


def table(outputs: Outputs, name: str) -> pl.DataFrame:
    """Return a table of outputs, events and gaps too as frames."""
    import polars as pl

    if name == "events":
        return pl.DataFrame(outputs.columns())
    if name == "gaps":
        rows = [gap._asdict() for gap in outputs.gaps]
        return pl.DataFrame(rows, infer_schema_length=None)
    frame: pl.DataFrame = getattr(outputs, name)
    return frame


def to_bytes(commit: Commit) -> bytes:
    """Write a commit; tables as Arrow."""
    tables = {name: _to_arrow(frame) for name, frame in commit.tables.items()}
    return _ENCODE(_Stored(commit.facts, tables))


def from_bytes(body: bytes, *, only: Collection[str] = TABLES) -> Commit:
    """Read a commit.

    Parameters
    ----------
    only
        The tables that are wanted; to read the others takes time.

    Raises
    ------
    Damaged
        If it is none.
    """
    import polars as pl

    try:
        stored = _DECODE(body)
        wanted = {name: raw for name, raw in stored.tables.items() if name in only}
        tables = {name: pl.read_ipc_stream(io.BytesIO(raw)) for name, raw in wanted.items()}
    except (msgspec.MsgspecError, pl.exceptions.PolarsError, OSError) as error:
        raise Damaged(f"a commit of a flow cannot be read: {error}") from error
    return Commit(stored.facts, tables)


def commits(
    folder: JournalFolder, cursor: Cursor, *, only: Collection[str] = TABLES
) -> Iterator[tuple[Cursor, Commit]]:
    """Iterate over the commits of a log from a cursor on, each with the place behind it."""
    reader = Reader(folder, cursor, durable=True)
    try:
        while records := reader.read(1):
            yield reader.cursor, from_bytes(records[0].body, only=only)
    finally:
        reader.close()


class Digests:
    """The sha256 of what a flow makes, table by table, however it is divided."""

    def __init__(self) -> None:
        self._taken = {name: hashlib.sha256() for name in TABLES}
        self.rows: Counter[str] = Counter()

    def add(self, name: str, frame: pl.DataFrame) -> None:
        """Take in rows of a table."""
        if frame.is_empty():
            return
        self.rows[name] += frame.height
        # Text that tells any two values apart, and says nothing of how the rows came.
        self._taken[name].update(frame.write_ndjson().encode())

    def add_all(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """Take in rows of several tables."""
        for name, frame in tables.items():
            self.add(name, frame)

    def hex(self) -> dict[str, str]:
        """Return the digests."""
        return {name: taken.hexdigest() for name, taken in self._taken.items()}


def _to_arrow(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer, compression="zstd")
    return buffer.getvalue()
