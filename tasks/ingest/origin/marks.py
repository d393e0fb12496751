"""Marks: digests of the rows of a source up to some times, by which a revision is found later.

A mark tells nothing of the rows but whether they are the same still, so it may be kept and compared
where the rows themselves are sealed.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from tasks.ingest import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from taskspecs.schema import DataSpec

SUMMARY, MARKS = "summary.json", "marks"


def read_whole(
    data: DataSpec, path: Path, original_name: str, *, seen_at: datetime | None = None
) -> pl.DataFrame:
    """Read all bars of a source from its first day on, sealed ones and those after its end too.

    Only for what compares rows, and for what follows a strategy that people let go on.
    """
    whole = data.model_copy(update={"end": None})
    return read(whole, path, original_name=original_name, seen_at=seen_at).bars


def take_marks(bars: pl.DataFrame) -> dict[str, str]:
    """Return a digest of all rows up to each of some times: the last ones, and ever rarer ones.

    More than one, because the newest bars of a file may be unfinished as it is read, and are then
    others a day later without any revision.

    Parameters
    ----------
    bars
        Canonical bars, ``symbol, ts, known_at`` and numbers.

    Returns
    -------
    dict
        ISO time, UTC, to sha256 in hex, the earliest first.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(6)]
    >>> bars = pl.DataFrame({"symbol": "A", "ts": days, "close": [1.0, 2, 3, 4, 5, 6]})
    >>> list(take_marks(bars))[-1], len(take_marks(bars))
    ('2026-01-06T00:00:00+00:00', 4)
    >>> still_there(take_marks(bars.head(4)), bars, until=days[-1])
    True
    >>> still_there(take_marks(bars), bars.with_columns(close=-pl.col("close")), until=days[-1])
    False
    """
    times = bars["ts"].unique().sort()
    back = [0, *(2**power for power in range(40))]
    chosen = [times[-1 - step] for step in back if step < len(times)]
    return _digests(bars, sorted(chosen))


def still_there(marks: Mapping[str, str], bars: pl.DataFrame, *, until: datetime) -> bool | None:
    """Whether bars still hold the rows that were marked, whatever was added after them.

    Parameters
    ----------
    until
        When the marks were taken, UTC; of rows that were not over then nothing is said.

    Returns
    -------
    bool or None
        None where no mark is of so early a time.
    """
    ends = {datetime.fromisoformat(time): digest for time, digest in marks.items()}
    past = sorted(end for end in ends if end <= until)
    if not past:
        return None
    return _digests(bars, past)[past[-1].isoformat()] == ends[past[-1]]


def read_marks(summary: bytes) -> dict[str, str]:
    """Return the marks of the summary that ingest left; none where it left none."""
    found: dict[str, str] = json.loads(summary).get(MARKS, {})
    return found


def _digests(bars: pl.DataFrame, ends: Iterable[datetime]) -> dict[str, str]:
    """Digest rows up to each of some rising times, in one pass."""
    ordered = bars.sort("ts", "symbol")
    names = sorted(set(ordered.columns) - {"symbol", "ts"})
    running = hashlib.sha256(json.dumps(names).encode())
    found, begin = {}, 0
    for end in ends:
        stop = ordered["ts"].search_sorted(end, side="right")
        part = ordered.slice(begin, stop - begin)
        running.update("\n".join([*part["symbol"], ""]).encode())
        for name in ("ts", *names):
            running.update(_bytes(part[name]))
        found[end.isoformat()], begin = running.hexdigest(), stop
    return found


def _bytes(column: pl.Series) -> bytes:
    if column.dtype.is_temporal():
        return column.dt.epoch("us").to_numpy().astype("<i8").tobytes()
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy().astype("<f8").tobytes()
