"""A frame too large to hold: its pieces go into one Parquet file while they are made."""

from __future__ import annotations

import hashlib
import io
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from configs.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import polars as pl
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter
    from typing_extensions import Buffer

ROW_GROUP: Final = 1 << 17
"""Rows in a row group of Parquet: fixed, so that equal frames give equal bytes."""

WAITING: Final = 2
"""Row groups that may wait to be written while the next are made."""

_HASH_BYTES: Final = 1 << 22
_PAGE_BYTES: Final = 1 << 30
"""No page is as large: pages that end where a frame did would tell how the rows were divided."""


@dataclass(frozen=True, slots=True)
class FrameStream:
    """Frames of one schema, one after another; together one frame.

    How the rows are divided among them leaves no trace in what is written.
    """

    frames: Iterable[pl.DataFrame]


def write_stream(stream: FrameStream, path: Path) -> tuple[int, dict[str, str], str]:
    """Write frames as one Parquet file, in a thread beside what makes them.

    Numbers are written byte by byte of their places (which brings like bytes together) and
    compressed by LZ4: a twentieth more bytes than by zstd, for two thirds of its time.

    Parameters
    ----------
    stream
        At least one frame, which may be empty.
    path
        The file to make.

    Returns
    -------
    tuple
        Rows, column name to type, and the sha256 of the file's bytes, in hex.
    """
    rows, writer, schema = 0, None, {}
    with path.open("wb") as file, ThreadPoolExecutor(1) as beside:
        sink, waiting = _Digesting(file), deque[Future[None]]()
        try:
            for group in _regroup(stream.frames):
                table = group.to_arrow()
                if writer is None:
                    schema = {name: str(kind) for name, kind in group.schema.items()}
                    writer = _open_writer(sink, table, group)
                rows += group.height
                waiting.append(beside.submit(writer.write_table, table, ROW_GROUP))
                del group, table  # what is written is held by nobody
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
    return rows, schema, sink.hexdigest()


class _Digesting(io.RawIOBase):
    """A file that knows the sha256 of what went into it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._summary = file, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, block: Buffer, /) -> int:
        self._summary.update(block)
        return self._file.write(block)

    def hexdigest(self) -> str:
        return self._summary.hexdigest()


def _open_writer(sink: _Digesting, table: pa.Table, group: pl.DataFrame) -> ParquetWriter:
    """Open a file in which a column of a row group is one page, however its rows came."""
    from pyarrow.parquet import ParquetWriter

    kinds = group.schema.items()
    return ParquetWriter(
        sink, table.schema, compression="lz4",
        use_dictionary=[name for name, kind in kinds if kind == "String"],
        use_byte_stream_split=[name for name, kind in kinds if kind.is_float()],
        write_statistics=group.columns[:2],
        data_page_size=_PAGE_BYTES, max_rows_per_page=ROW_GROUP,
    )  # fmt: skip


def digest_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hex, without holding them all."""
    summary = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BYTES):
            summary.update(block)
    return summary.hexdigest()


def _regroup(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Cut the rows of all frames anew into row groups, without copying them."""
    import polars as pl

    held: list[pl.DataFrame] = []
    count, begun = 0, False
    for frame in frames:
        held.append(frame)
        count += frame.height
        del frame
        while count >= ROW_GROUP:
            whole = pl.concat(held, rechunk=False)
            held, count = [whole.slice(ROW_GROUP)], count - ROW_GROUP
            yield whole.head(ROW_GROUP)
            begun = True
    if held and (count or not begun):
        yield pl.concat(held, rechunk=False)
