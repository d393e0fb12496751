"""Which bars were complete at a time: not those of the future, nor one that is still forming."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tasks.ingest.health import Finding
from tasks.ingest.times.frequency import DISTANCE

if TYPE_CHECKING:
    from datetime import datetime

    from tasks.ingest.times.clock import Clock


def is_complete(now: datetime) -> pl.Expr:
    """Return whether a bar had ended, and was public, at a time.

    Parameters
    ----------
    now
        With a zone.

    Returns
    -------
    polars.Expr
        Boolean, over frames with `ts` (the bar's end) and `known_at`.

    Notes
    -----
    Look-ahead: none; a bar that this lets through could be known at `now`.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> times = [datetime(2020, 1, 2, tzinfo=UTC), datetime(2020, 1, 3, tzinfo=UTC)]
    >>> bars = pl.DataFrame({"ts": times, "known_at": times})
    >>> bars.filter(is_complete(datetime(2020, 1, 2, 12, tzinfo=UTC))).height
    1
    """
    return (pl.col("ts") <= now) & (pl.col("known_at") <= now)


def drop_incomplete(
    rows: pl.DataFrame, clock: Clock, now: datetime, *, keep: bool
) -> tuple[pl.DataFrame, list[Finding]]:
    """Leave out bars that end after the file was taken in.

    A bar that had begun by then was still forming, so its prices are not those it ended with; one
    that had not begun was made up.

    Parameters
    ----------
    rows
        `symbol`, `ts`.
    now
        When the file was taken in.
    keep
        Flag such bars instead, for data that are simulated.
    """
    late = rows.filter(pl.col("ts") > now)
    if late.is_empty():
        return rows, []
    if keep:
        return rows, [Finding.of("future_kept", late, clock)]
    begun = pl.col("ts") - DISTANCE[clock.frequency] <= now
    findings = [
        Finding.of("unfinished_bar", late.filter(begun), clock),
        Finding.of("future_bar", late.filter(~begun), clock),
    ]
    return rows.filter(pl.col("ts") <= now), findings
