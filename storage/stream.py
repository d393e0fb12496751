"""A frame too large to hold: its pieces go into one Parquet file while they are made."""

from __future__ import annotations

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from configs.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import polars as pl

ROW_GROUP: Final = 1 << 17
"""Rows in a row group of Parquet: fixed, so that equal frames give equal bytes."""

WAITING: Final = 4
"""Row groups that may wait to be written while the next are made."""

_HASH_BYTES: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class FrameStream:
    """Frames of one schema, one after another; together one frame.

    How the rows are divided among them leaves no trace in what is written.
    """

    frames: Iterable[pl.DataFrame]


def write_stream(stream: FrameStream, path: Path) -> tuple[int, dict[str, str]]:
    """Write frames as one Parquet file, in a thread beside what makes them.

    Parameters
    ----------
    stream
        At least one frame, which may be empty.
    path
        The file to make.

    Returns
    -------
    tuple
        Rows, and column name to type.
    """
    from pyarrow.parquet import ParquetWriter

    rows, writer = 0, None
    with ThreadPoolExecutor(1) as beside:
        waiting: deque[Future[None]] = deque()
        try:
            for group in _regroup(stream.frames):
                table = group.to_arrow()
                if writer is None:
                    texts = [n for n, kind in group.schema.items() if kind == "String"]
                    schema = {name: str(kind) for name, kind in group.schema.items()}
                    writer = ParquetWriter(
                        path, table.schema, compression="zstd", compression_level=1,
                        use_dictionary=texts, write_statistics=group.columns[:2],
                    )  # fmt: skip
                rows += group.height
                waiting.append(beside.submit(writer.write_table, table, ROW_GROUP))
                if len(waiting) > WAITING:
                    waiting.popleft().result()
            for job in waiting:
                job.result()
        finally:
            beside.shutdown(cancel_futures=True)
            if writer is not None:
                writer.close()
    if writer is None:
        raise Failed("nothing came to be written")
    return rows, schema


def digest_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hex, without holding them all."""
    summary = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BYTES):
            summary.update(block)
    return summary.hexdigest()


def _regroup(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Cut the rows of all frames anew into row groups, each in one piece of memory."""
    import polars as pl

    held: list[pl.DataFrame] = []
    count, begun = 0, False
    for frame in frames:
        held.append(frame)
        count += frame.height
        while count >= ROW_GROUP:
            whole = pl.concat(held) if len(held) > 1 else held[0]
            yield whole.head(ROW_GROUP).rechunk()
            begun = True
            held, count = [whole.slice(ROW_GROUP)], count - ROW_GROUP
    if held and (count or not begun):
        yield pl.concat(held).rechunk()
