"""What models learn from: features and labels as arrays, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from tasks.signal.models.protocol import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

LabelNorm = Literal["zscore", "rank", "none"]

RANK_TO_STD = 3.46
"""Brings ranks between -0.5 and 0.5 near to a standard deviation of 1, as qlib does."""
_KEYS = ("symbol", "ts")


@dataclass(frozen=True, slots=True)
class Observations:
    """Rows of decisions, sorted by (ts, symbol), so that a window is one stretch of them.

    Attributes
    ----------
    keys
        ``symbol``, ``ts``, ``label`` (Float32, as it is computed; null where missing).
    bar
        Int64: the number of each row's bar in the calendar of all symbols; rising.
    features
        Float32, shape (rows, features), C order; NaN where missing.
    targets
        Float32, shape (rows,): labels made comparable across symbols; NaN where missing.
    names
        Of the features.
    calendar
        The times of all bars, rising.
    """

    keys: pl.DataFrame
    bar: NDArray[np.int64]
    features: NDArray[np.float32]
    targets: NDArray[np.float32]
    names: tuple[str, ...]
    calendar: pl.Series

    def rows(self, window: range) -> slice:
        """Return the rows of a window of bars."""
        start, stop = np.searchsorted(self.bar, [window.start, window.stop])
        return slice(int(start), int(stop))

    def sample(self, window: range) -> Sample:
        """Return the rows of a window that have a label; copied only where some have none."""
        rows = self.rows(window)
        features, targets = self.features[rows], self.targets[rows]
        there = ~np.isnan(targets)
        return Sample(features, targets) if there.all() else Sample(features[there], targets[there])


def observe(
    features: pl.DataFrame, labels: pl.DataFrame, calendar: pl.Series, norm: LabelNorm
) -> Observations:
    """Lay features and labels out for learning.

    Parameters
    ----------
    features
        ``symbol``, ``ts`` and one Float32 column for each feature; times of decisions only.
    labels
        ``symbol``, ``ts``, ``label``; see :func:`tasks.signal.scoring.label`.
    calendar
        The times of all bars, rising; each decision is at one of them.
    norm
        How labels are made comparable; see :func:`compare_labels`.

    Returns
    -------
    Observations
        A row for each of `features`.

    Notes
    -----
    Look-ahead: features of a row as `features`; labels as far as they look.
    """
    names = tuple(name for name in features.columns if name not in _KEYS)
    keys = features.select(_KEYS).with_row_index("row").sort("ts", "symbol")
    matrix = np.empty((features.height, len(names)), np.float32)
    for place, name in enumerate(names):
        column = features[name].cast(pl.Float32).fill_null(float("nan")).gather(keys["row"])
        matrix[:, place] = column.to_numpy()
    known = keys.drop("row").join(
        labels.select(*_KEYS, pl.col("label").cast(pl.Float32)),
        on=list(_KEYS), how="left", maintain_order="left",
    )  # fmt: skip
    targets = compare_labels(known, norm)["label"].fill_null(float("nan")).to_numpy()
    bar = calendar.search_sorted(known["ts"]).cast(pl.Int64).to_numpy()
    return Observations(known, bar, matrix, targets, names, calendar)


def compare_labels(labels: pl.DataFrame, norm: LabelNorm) -> pl.DataFrame:
    """Make labels comparable across the symbols of each time, as qlib's processors do.

    Parameters
    ----------
    labels
        ``ts`` and ``label``; null where missing.
    norm
        `zscore`: mean 0, sample standard deviation 1 (CSZScoreNorm). `rank`: (rank as a share of
        1, minus 0.5) * 3.46, ties sharing their mean rank (CSRankNorm). `none`: as they are.

    Returns
    -------
    polars.DataFrame
        The same rows, in the same order; null too where a time has no spread to measure by.

    Notes
    -----
    Look-ahead: none beyond the labels': a row depends on labels of its own time.

    Examples
    --------
    >>> frame = pl.DataFrame({"ts": [1, 1, 1, 2], "label": [1.0, 2.0, 3.0, 9.0]})
    >>> compare_labels(frame, "zscore")["label"].to_list()
    [-1.0, 0.0, 1.0, None]
    """
    value = _NORMS[norm](pl.col("label").cast(pl.Float64)).over("ts").cast(pl.Float32)
    return labels.with_columns(value.alias("label"))


def _zscore(label: pl.Expr) -> pl.Expr:
    spread = pl.when(label.max() > label.min()).then(label.std())
    return (label - label.mean()) / spread


def _rank(label: pl.Expr) -> pl.Expr:
    return (label.rank("average") / label.count() - 0.5) * RANK_TO_STD


def _as_it_is(label: pl.Expr) -> pl.Expr:
    return label


_NORMS: Mapping[LabelNorm, Callable[[pl.Expr], pl.Expr]] = {
    "zscore": _zscore,
    "rank": _rank,
    "none": _as_it_is,
}
