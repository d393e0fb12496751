"""The information coefficient: how scores and what followed go together, time by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MIN_SYMBOLS = 3
"""The fewest symbols that are correlated: two always lie on a line."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows of one time, beside each other: where each group begins, and its size."""

    first: NDArray[np.uint32]
    size: NDArray[np.int64]
    too_few: NDArray[np.bool_]

    def add(self, values: Floats) -> Floats:
        """Return the sum of each group."""
        return np.add.reduceat(values, self.first)

    def centre(self, values: Floats) -> Floats:
        """Take the mean of its group from each value."""
        return values - np.repeat(self.add(values) / self.size, self.size)

    def constant(self, values: Floats) -> NDArray[np.bool_]:
        """Say which groups hold one value only; their variance need not come out as zero."""
        low, high = (f.reduceat(values, self.first) for f in (np.minimum, np.maximum))
        return np.equal(low, high)


def information_coefficient(
    scores: pl.DataFrame, labels: pl.DataFrame, *, min_symbols: int = MIN_SYMBOLS
) -> pl.DataFrame:
    """Correlate scores with labels across symbols at every decision.

    Parameters
    ----------
    scores
        ``symbol``, ``ts``, ``score``.
    labels
        ``symbol``, ``ts``, ``label``; null, NaN and infinite ones are left out.
    min_symbols
        With fewer pairs than this a correlation is undefined.

    Returns
    -------
    polars.DataFrame
        One row for each ``ts`` of the scores: ``ic`` (Pearson) and ``rank_ic`` (Spearman, ties
        by their mean rank), null where there are too few pairs or one side is constant, and
        ``n`` (Int64), the number of pairs.

    Notes
    -----
    Look-ahead: a row depends on that decision's scores, and on labels, which reach ahead: for
    judging only.

    References
    ----------
    Grinold, Kahn (1999), "Active Portfolio Management", chapter 6.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = {"symbol": ["A", "B", "C"], "ts": [datetime(2024, 1, 2, tzinfo=UTC)] * 3}
    >>> information_coefficient(
    ...     pl.DataFrame({**at, "score": [1.0, 2.0, 3.0]}),
    ...     pl.DataFrame({**at, "label": [0.1, 0.2, 0.3]}),
    ... ).select("ic", "rank_ic", "n").row(0)
    (1.0, 1.0, 3)
    """
    pairs = _pairs(scores, labels)
    times = scores.select(pl.col("ts").unique().sort())
    if pairs.is_empty():
        nothing = pl.lit(None, pl.Float64)
        return times.with_columns(ic=nothing, rank_ic=nothing, n=pl.lit(0, pl.Int64))
    starts = pairs.select((pl.col("ts") != pl.col("ts").shift()).fill_null(value=True).arg_true())
    first = starts.to_series().to_numpy()
    n = np.diff(np.append(first, len(pairs)))
    groups = Groups(first, n, n < min_symbols)
    found = pl.DataFrame(
        {
            "ts": pairs["ts"].gather(starts.to_series()),
            "ic": _correlate(pairs["score"], pairs["label"], groups),
            "rank_ic": _correlate(pairs["score_rank"], pairs["label_rank"], groups),
            "n": n.astype(np.int64),
        }
    )
    return times.join(found, on="ts", how="left", maintain_order="left").with_columns(
        pl.col("n").fill_null(0)
    )


def _pairs(scores: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    rank = {f"{name}_rank": pl.col(name).rank("average").over("ts") for name in ("score", "label")}
    return (
        scores.select("symbol", "ts", pl.col("score").cast(pl.Float64))
        .join(
            labels.select("symbol", "ts", pl.col("label").cast(pl.Float64)),
            on=["symbol", "ts"],
        )
        .filter(pl.col("score").is_finite() & pl.col("label").is_finite())
        .sort("ts", "symbol")
        .with_columns(**rank)
    )


def _correlate(left: pl.Series, right: pl.Series, groups: Groups) -> pl.Series:
    """Correlate two columns group by group; sums run in the order of the rows."""
    x, y = left.to_numpy(), right.to_numpy()
    undefined = groups.too_few | groups.constant(x) | groups.constant(y)
    x, y = groups.centre(x), groups.centre(y)
    under = np.sqrt(groups.add(x * x) * groups.add(y * y))
    undefined |= under == 0
    value = groups.add(x * y) / np.where(undefined, 1.0, under)
    # rounding may carry a perfect correlation beyond 1 in the last digit
    return pl.Series(np.clip(value, -1, 1)).set(pl.Series(undefined), None)
