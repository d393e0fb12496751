"""Frames and times, to bytes and back."""

from __future__ import annotations

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
