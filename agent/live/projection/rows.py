"""What records and commits are as rows of the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from agent.live.flow.commits import Commit
    from storage.journal.record import Cursor, Record

RAW: Final = "raw_events"
_UTC: Final = pl.Datetime("us", "UTC")
_SIDES: Final = {1: "buy", -1: "sell", 0: ""}
_PRICES: Final = ("price", "open", "high", "low", "close")
_SIZES: Final = ("size", "volume")
_EVENT: Final = {
    "symbol": pl.String(), "ts_us": pl.Int64(), "arrival_us": pl.Int64(), "sequence": pl.Int64(),
    "side": pl.Int64(), **dict.fromkeys((*_PRICES, *_SIZES, "amount"), pl.Int64()),
}  # fmt: skip


def raw_rows(source: str, records: Sequence[tuple[Cursor, Record]], now: datetime) -> pl.DataFrame:
    """Return records as rows of `raw_events`.

    Bytes that are no text are shown as such; the journal has them as they came.

    Parameters
    ----------
    records
        Each with the place behind it.
    """
    frame = pl.DataFrame(
        {
            "segment": [place.segment for place, _ in records],
            "offset": [place.offset for place, _ in records],
            "arrival": [record.arrival_us for _, record in records],
            "kind": [record.kind.name.lower() for _, record in records],
            "body": [record.body.decode("utf-8", "backslashreplace") for _, record in records],
        },
        schema={"segment": pl.Int64, "offset": pl.Int64, "arrival": pl.Int64,
                "kind": pl.String, "body": pl.String},
    )  # fmt: skip
    return frame.with_columns(*_of(source, now), pl.col("arrival").cast(_UTC))


def clean_rows(source: str, commits: Sequence[Commit], now: datetime) -> pl.DataFrame:
    """Return the clean events of commits as rows of `clean_events`, numbers in their units."""
    return _concat(_events(source, commit, now) for commit in commits)


def pattern_rows(source: str, commits: Sequence[Commit], now: datetime) -> pl.DataFrame:
    """Return the patterns of commits as rows of `pattern_events`."""
    return _concat(
        commit.tables["patterns"].rename({"source": "watched"}).with_columns(
            *_of(source, now), *_place(commit)
        )
        for commit in commits if "patterns" in commit.tables
    )  # fmt: skip


def _events(source: str, commit: Commit, now: datetime) -> pl.DataFrame:
    frame = commit.tables.get("events")
    if frame is None:
        return pl.DataFrame()
    missing = [pl.lit(None, kind).alias(n) for n, kind in _EVENT.items() if n not in frame.columns]
    whole = frame.with_columns(missing).select(
        pl.col(name).cast(kind) for name, kind in _EVENT.items()
    )
    price, size, amount = commit.facts.decimals or (0, 0, 0)
    return whole.select(
        *_of(source, now),
        *_place(commit),
        "symbol",
        pl.col("ts_us").cast(_UTC).alias("ts"),
        pl.col("arrival_us").cast(_UTC).alias("arrival"),
        "sequence",
        pl.col("side").fill_null(0).replace_strict(_SIDES, return_dtype=pl.String),
        *(pl.col(name) / 10.0**price for name in _PRICES),
        *(pl.col(name) / 10.0**size for name in _SIZES),
        pl.when(pl.col("amount") >= 0).then(pl.col("amount") / 10.0**amount).alias("amount"),
    )


def _of(source: str, now: datetime) -> list[pl.Expr]:
    return [
        pl.lit(source, dtype=pl.String).alias("source"),
        pl.lit(now, dtype=_UTC).alias("ingest_time"),
    ]


def _place(commit: Commit) -> tuple[pl.Expr, ...]:
    return (
        pl.lit(commit.end.segment, dtype=pl.Int64).alias("segment"),
        pl.lit(commit.end.offset, dtype=pl.Int64).alias("offset"),
    )


def _concat(frames: Any) -> pl.DataFrame:
    some = [frame for frame in frames if not frame.is_empty()]
    return pl.concat(some) if some else pl.DataFrame()
