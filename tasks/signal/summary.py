"""What a series of information coefficients amounts to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUMMARY_SCHEMA = {"name": pl.String, "value": pl.Float64, "unit": pl.String, "note": pl.String}
KINDS = {"ic": "Pearson", "rank_ic": "Spearman"}


def summarise(ic: pl.DataFrame, *, overlap: int = 0) -> pl.DataFrame:
    """Summarise information coefficients.

    Parameters
    ----------
    ic
        ``ts, ic, rank_ic, n``; undefined ones (null) are left out.
    overlap
        How many following decisions the label of a decision overlaps with: 4 for daily decisions
        judged by a return of five days. The t-value allows for at least so much correlation.

    Returns
    -------
    polars.DataFrame
        ``name``, ``value`` (null where undefined), ``unit``, ``note``: for both kinds the mean,
        the ICIR (mean over standard deviation, of one decision, not annualised), the t-value of
        the mean, and how many decisions were counted.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.
    """
    rows = [row for name in KINDS for row in _summary(name, ic[name].drop_nulls(), overlap)]
    return pl.DataFrame(rows, schema=SUMMARY_SCHEMA, orient="row")


def _summary(
    name: str, series: pl.Series, overlap: int
) -> list[tuple[str, float | None, str, str]]:
    values = series.to_numpy()
    lags = newey_west_lags(len(values), overlap)
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    mean = float(np.mean(values)) if len(values) else None
    ratio = None if mean is None or spread == 0 else mean / spread
    kind = f"{KINDS[name]} across symbols"
    return [
        (f"{name}_mean", mean, "ratio", f"{kind}, mean over decisions"),
        (f"{name}ir", ratio, "ratio", f"{kind}, mean over standard deviation, not annualised"),
        (f"{name}_t", newey_west_t(values, lags), "ratio", f"{kind}, Newey-West, {lags} lags"),
        (f"{name}_decisions", len(values), "count", f"{kind}, decisions with enough symbols"),
    ]


def newey_west_lags(observations: int, overlap: int) -> int:
    """Return the number of lags: the known overlap, or more where the sample is long.

    Examples
    --------
    >>> newey_west_lags(100, 0), newey_west_lags(100, 9), newey_west_lags(3, 9)
    (4, 9, 2)

    References
    ----------
    Newey, West (1994), "Automatic Lag Selection in Covariance Matrix Estimation", Review of
    Economic Studies 61(4): floor(4 (T / 100)^(2/9)).
    """
    rule: int = math.floor(4 * (observations / 100) ** (2 / 9))
    return max(min(max(rule, overlap), observations - 1), 0)


def newey_west_t(values: NDArray[np.float64], lags: int) -> float | None:
    """Return the t-value of a mean whose observations are correlated up to some lag.

    Parameters
    ----------
    values
        Float64, in the order of time.
    lags
        Beyond these, observations count as independent.

    Returns
    -------
    float or None
        None for fewer than two observations, or where they do not vary.

    Notes
    -----
    Look-ahead: looks at the whole series; for judging, not for trading.

    References
    ----------
    Newey, West (1987), "A Simple, Positive Semi-Definite, Heteroskedasticity and Autocorrelation
    Consistent Covariance Matrix", Econometrica 55(3); without small-sample correction.
    """
    if len(values) < 2 or np.ptp(values) == 0:
        return None
    centred = values - np.mean(values)
    variance = np.dot(centred, centred)
    for lag in range(1, lags + 1):
        weight = 1 - lag / (lags + 1)
        variance += 2 * weight * np.dot(centred[lag:], centred[:-lag])
    if variance <= 0:
        return None
    return float(np.mean(values) * len(values) / math.sqrt(variance))
