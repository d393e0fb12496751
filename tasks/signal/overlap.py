"""How far the labels of neighbouring decisions share the same future."""

from __future__ import annotations

import math

import polars as pl

from taskspecs.expressions import analyse, parse


def label_overlap(expression: str, scores: pl.DataFrame, bars: pl.DataFrame) -> int:
    """Count the following decisions whose labels overlap with that of a decision.

    Parameters
    ----------
    expression
        The label's.
    scores
        ``ts``: the times of decisions.
    bars
        ``ts``: the times of bars, which the label counts.

    Returns
    -------
    int
        A label that ends `n` bars ahead overlaps with those of the decisions less than `n` bars
        away, at the median distance between decisions. An upper bound where a label begins later.

    Notes
    -----
    Look-ahead: none of a value; how far labels reach is counted for judging.

    Examples
    --------
    >>> from datetime import date
    >>> days = pl.date_range(date(2024, 1, 1), date(2024, 1, 31), eager=True)
    >>> bars = pl.DataFrame({"ts": days.cast(pl.Datetime("us", "UTC"))})
    >>> label_overlap("Ref($close, -5) / $close - 1", bars, bars)
    4
    >>> label_overlap("Ref($close, -5) / $close - 1", bars.gather_every(5), bars)
    0
    """
    ahead = analyse(parse(expression)).lookahead_rows
    times = bars["ts"].unique().sort()
    decisions = scores["ts"].unique().sort()
    rows = times.search_sorted(decisions).cast(pl.Int64)
    apart = rows.diff().median()
    return max(math.ceil(ahead / max(float(apart or 1), 1.0)) - 1, 0)  # type: ignore[arg-type]
