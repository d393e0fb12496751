"""The scores of all series as one frame, put together at a go: one frame for each would be slow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SCHEMA: dict[str, pl.DataType] = {
    "ts": pl.Datetime("us", "UTC"),
    "symbol": pl.String(),
    "detector": pl.String(),
    "source": pl.String(),
    "score": pl.Float64(),
}


class Scored(NamedTuple):
    """What one detector measured over one series.

    Parameters
    ----------
    microseconds
        Shape (bars,), since 1970, UTC, ascending.
    scores
        Shape (bars,), NaN where there is none.
    """

    symbol: str | None
    detector: str
    source: str
    microseconds: NDArray[np.int64]
    scores: NDArray[np.float64]


def scores_frame(parts: Sequence[Scored]) -> pl.DataFrame:
    """Return all scores that there are, sorted by time, symbol (none first), detector and source.

    Parameters
    ----------
    parts
        Each with its symbol, detector and source, times (microseconds since 1970, UTC) and scores,
        NaN where there is none.

    Returns
    -------
    pl.DataFrame
        Columns as in `SCHEMA`.

    Notes
    -----
    Look-ahead: none; scores as they are.

    Examples
    --------
    >>> two = np.array([1_000_000, 2_000_000]), np.array([np.nan, 0.5])
    >>> scores_frame([Scored("B", "adwin", "$a", *two), Scored("A", "adwin", "$a", *two)]).rows()[0]
    (datetime.datetime(1970, 1, 1, 0, 0, 2, tzinfo=zoneinfo.ZoneInfo(key='UTC')), 'A', ..., 0.5)
    """
    if not parts:
        return pl.DataFrame(schema=SCHEMA)
    parts = sorted(parts, key=_place)
    kept = [(part, np.flatnonzero(np.isfinite(part.scores))) for part in parts]
    times = np.concatenate([part.microseconds[rows] for part, rows in kept])
    scores = np.concatenate([part.scores[rows] for part, rows in kept])
    order = np.argsort(times, kind="stable")  # within a time the parts are in their order already
    part_of = np.repeat(np.arange(len(parts)), [len(rows) for _, rows in kept])[order]
    names = pl.DataFrame([part[:3] for part in parts], orient="row", schema=list(SCHEMA)[1:4])
    return names[part_of].select(
        pl.Series("ts", times[order]).cast(SCHEMA["ts"]),
        pl.all().cast(pl.String),
        pl.Series("score", scores[order]),
    )


def _place(part: Scored) -> tuple[bool, str, str, str]:
    return part.symbol is not None, part.symbol or "", part.detector, part.source
