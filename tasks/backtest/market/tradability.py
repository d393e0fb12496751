"""Where orders can be filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from configs.errors import BadInput
from tasks.backtest.market.steps import PERIODS

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from taskspecs.frequencies import Frequency

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


def fill_forward(values: Floats) -> Floats:
    """Repeat the last known value of each column; NaN before the first.

    Parameters
    ----------
    values
        Float64, a step a row, NaN where missing.

    Returns
    -------
    numpy.ndarray
        Of the same shape.

    Notes
    -----
    Look-ahead: row `t` depends on rows up to and including `t`.

    Examples
    --------
    >>> fill_forward(np.array([[np.nan], [1.0], [np.nan]])).ravel()
    array([nan,  1.,  1.])
    """
    rows = np.where(np.isnan(values), -1, np.arange(len(values))[:, None])
    last = np.maximum.accumulate(rows, axis=0)
    return np.where(last < 0, np.nan, np.take_along_axis(values, np.maximum(last, 0), axis=0))


def untraded(volume: Floats) -> Flags:
    """Say on which bars nobody traded.

    Those with a volume of zero, and those with an unknown volume of a symbol whose volume was
    known before. A symbol of which no volume was ever known may be traded.

    Parameters
    ----------
    volume
        Float64, a step a row, a symbol a column; NaN where unknown.

    Returns
    -------
    numpy.ndarray
        Boolean, of the same shape.

    Notes
    -----
    Look-ahead: row `t` depends on rows up to and including `t`.

    Examples
    --------
    >>> untraded(np.array([[np.nan], [5.0], [np.nan], [0.0]])).ravel()
    array([False, False,  True,  True])
    """
    known = np.logical_or.accumulate(~np.isnan(volume), axis=0)
    shut: Flags = (volume == 0) | (np.isnan(volume) & known)
    return shut


def at_limit(
    close: Floats,
    deal: Floats,
    steps: pl.DataFrame,
    threshold: float | None,
    frequency: Frequency,
) -> tuple[Flags, Flags]:
    """Say where prices stand at their upper and at their lower limit of the day.

    Parameters
    ----------
    close, deal
        Adjusted prices, a step a row, a symbol a column; NaN where there is none.
    steps
        ``day``: the local date of each row.
    threshold
        The limit, as a fraction of the last close of an earlier day; None for no limit.
    frequency
        Of the bars.

    Returns
    -------
    tuple
        Boolean, of the shape of `close`: at the upper limit; at the lower.

    Raises
    ------
    BadInput
        A daily limit for weekly or monthly bars.

    Notes
    -----
    Look-ahead: row `t` depends on closes of earlier days and on the deal price of `t`.
    """
    if threshold is None:
        never = np.zeros(close.shape, dtype=np.bool_)
        return never, never
    if PERIODS.get(frequency, "1d") != "1d":
        raise BadInput(
            f"backtest.limit_threshold is a limit of one day, but bars are of one {frequency}",
            hint="leave limit_threshold out, or use bars of a day or less",
        )
    days = steps["day"].to_numpy()
    before = np.searchsorted(days, days, side="left") - 1
    last = fill_forward(close)[np.maximum(before, 0)]
    change = np.where(before[:, None] < 0, np.nan, deal / last - 1)
    return change >= threshold, change <= -threshold
