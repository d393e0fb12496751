"""The symbols of one time as one series: where they are, how far apart, how lopsided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tasks.detection.guard import LARGEST
from tasks.detection.series.series import split_series
from taskspecs.detectors.base import MOMENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.detection.series.series import Series
    from taskspecs.detectors import DetectorSpec

FEWEST_SYMBOLS = 5
"""Symbols with a usable value below which a moment is missing."""


def series_of(frame: pl.DataFrame, specs: Sequence[DetectorSpec], scope: str) -> list[Series]:
    """Return the series of a scope, with a column for each field that its detectors are given.

    Parameters
    ----------
    frame
        `symbol, ts` and the expressions that are watched, in any order.
    specs
        Those of this scope; without any there are no series.
    scope
        `symbol`, `market` or `cross_section`.

    Returns
    -------
    list
        Symbol (None for the market or the cross-section) and frame of each series, sorted by time.

    Raises
    ------
    BadInput
        If a column is not there, or a series has two rows at one time.

    Notes
    -----
    Look-ahead: none; a time's moments are of that time's values.
    """
    names = list(dict.fromkeys(text for spec in specs for text in spec.watched))
    series = split_series(frame, names, scope)
    return across_symbols(series, names) if scope == "cross_section" else series


def across_symbols(series: Sequence[Series], names: Sequence[str]) -> list[Series]:
    """Return the moments of each time's values across symbols, as the one series of no symbol.

    Parameters
    ----------
    series
        Of each symbol, with the columns that are wanted.
    names
        The columns.

    Returns
    -------
    list[Series]
        `ts` and for each column its mean, its standard deviation (dispersion, in the column's unit)
        and its skewness across symbols, named as `mean($r)`; null where fewer than
        `FEWEST_SYMBOLS` have a usable value, or where all are equal and nothing is lopsided.

    Notes
    -----
    Look-ahead: none; a time's moments are of that time's values.

    Examples
    --------
    >>> rows = [pl.DataFrame({"ts": [1], "$r": [float(i)]}) for i in range(5)]
    >>> ((_, moments),) = across_symbols([(str(i), row) for i, row in enumerate(rows)], ["$r"])
    >>> moments.row(0)
    (1, 2.0, 1.5811388300841898, 0.0)
    """
    if not series:
        return []
    moments = [_moment(name, moment) for name in names for moment in MOMENTS]
    together = pl.concat([bars.select("ts", *names) for _, bars in series])
    return [(None, together.group_by("ts").agg(moments).sort("ts"))]


def _moment(name: str, moment: str) -> pl.Expr:
    usable = pl.col(name).filter(pl.col(name).abs() <= LARGEST).sort()
    enough = usable.len() >= FEWEST_SYMBOLS
    value = {"mean": usable.mean, "std": usable.std, "skew": usable.skew}[moment]()
    return pl.when(enough).then(value).alias(f"{moment}({name})")
