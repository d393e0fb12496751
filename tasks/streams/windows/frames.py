"""Frames and times, to bytes and back."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def instant(microseconds: int) -> datetime:
    """Return a time, UTC, of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=microseconds)


def to_bytes(frame: pl.DataFrame) -> bytes:
    """Return a frame as Arrow's bytes; equal frames give equal bytes."""
    buffer = io.BytesIO()
    frame.rechunk().write_ipc(buffer)
    return buffer.getvalue()


def from_bytes(raw: bytes) -> pl.DataFrame:
    """Return what :func:`to_bytes` was given."""
    return pl.read_ipc(io.BytesIO(raw)).rechunk()


def concat(frames: Iterable[pl.DataFrame], empty: pl.DataFrame) -> pl.DataFrame:
    """Put frames behind each other; without any, return an empty one."""
    some = [frame for frame in frames if frame.height]
    if not some:
        return empty
    return some[0] if len(some) == 1 else pl.concat(some, how="diagonal", rechunk=True)


def digest(frame: pl.DataFrame) -> str:
    """Return the sha256 of a frame's names, types and values, in hex: to the bit, and no more.

    How a frame lies in memory, in pieces or whole, does not matter.

    Examples
    --------
    >>> one = pl.DataFrame({"a": [1.0, None, 3.0]})
    >>> digest(one) == digest(pl.concat([one[:1], one[1:]], rechunk=False))
    True
    """
    seen = hashlib.sha256()
    for column in frame.iter_columns():
        seen.update(f"{column.name}:{column.dtype}:{len(column)}\n".encode())
        seen.update(column.is_null().to_numpy().tobytes())
        seen.update(_values(column.rechunk()))
    return seen.hexdigest()


def _values(column: pl.Series) -> bytes:
    if column.dtype.is_nested():
        return column.to_frame().write_ndjson().encode()
    if column.dtype == pl.String:
        texts = column.fill_null("")
        return texts.str.len_bytes().to_numpy().tobytes() + "".join(texts.to_list()).encode()
    return column.to_physical().fill_null(0).to_numpy().tobytes()
